"""Photos beside what members write: attached, shown with it, removed, and their files thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, NotFound
from loyalty.tenancy.scope import every_programme
from loyalty.web.photos import KeptPhoto, forget_photo
from members.moderation.models import Case, Photo
from members.moderation.services.cases import close_cases
from members.profiles.models import Member

PHOTO = "photo"


@dataclass(frozen=True, kw_only=True)
class RemovedPhoto:
    """A photo nobody sees any more."""

    photo: str


def attach_photos(
    ctx: Context,
    *,
    member: Member | None,
    kind: str,
    subject: str,
    photos: Sequence[KeptPhoto],
    most: int,
) -> None:
    """Attach photos behind those there are, held back until ``show_photos``. No ``member``: the shop's.

    Raises ``Invalid`` (``too_many_photos``) for more than ``most`` altogether.
    """
    if not photos:
        return
    there = Photo.objects.filter(subject=subject).exclude(state=Photo.State.REMOVED)
    known = set(there.values_list("file", flat=True))
    new = [one for one in photos if one.name not in known]
    if len(known) + len(new) > most:
        raise Invalid(
            "too_many_photos",
            _("At most %(most)s photos, please.") % {"most": most},
            field="photos",
            params={"maximum": most},
        )
    first = Photo.objects.filter(subject=subject).count()
    Photo.objects.bulk_create(
        Photo(
            programme=ctx.programme,
            member=member,
            kind=kind,
            subject=subject,
            position=first + number,
            file=one.name,
            width=one.width,
            height=one.height,
            size=one.size,
            sent_at=ctx.now,
        )
        for number, one in enumerate(new)
    )


def put_picture(
    ctx: Context, *, kind: str, subject: str, picture: KeptPhoto | None, shown: bool
) -> None:
    """The shop's one picture beside a thing of its own, instead of the one there is; ``None``: none."""
    before = Photo.objects.filter(subject=subject).exclude(state=Photo.State.REMOVED)
    if picture is not None and [one.file for one in before] == [picture.name]:
        return
    throw_photos_away(before)
    if picture is not None:
        attach_photos(ctx, member=None, kind=kind, subject=subject, photos=(picture,), most=1)
        show_photos(subject, shown=shown)


def show_photos(subject: str, *, shown: bool) -> None:
    """The photos go with their text: shown, or held back. What staff held back waits for their word."""
    before, after = Photo.State.HELD, Photo.State.SHOWN
    if not shown:
        before, after = after, before
    rows = Photo.objects.filter(subject=subject, state=before)
    if shown:
        asked = Case.objects.filter(kind=PHOTO, state=Case.State.OPEN)
        rows = rows.exclude(public_id__in=asked.values("subject"))
    rows.update(state=after)


def throw_photos_away(rows: Iterable[Photo]) -> None:
    """Nobody sees them any more; a file that no other photo needs is gone once this is committed."""
    rows = list(rows)
    Photo.objects.filter(pk__in=[row.pk for row in rows]).update(state=Photo.State.REMOVED)
    files = {row.file for row in rows}
    transaction.on_commit(lambda: sweep_photos(files))


def sweep_photos(files: Iterable[str]) -> int:
    """Throw files away that no photo of any programme needs; answers how many."""
    gone = 0
    with every_programme():
        for file in files:
            needed = Photo.objects.filter(file=file).exclude(state=Photo.State.REMOVED)
            if not needed.exists():
                forget_photo(file)
                gone += 1
    return gone


def _photo_to_lock(*, photo: str, **_rest: str) -> Lock:
    rows = Photo.objects.select_related("member__holder").filter(public_id=photo)
    return Lock(rows=rows, of=("self",))


@command(
    "moderation.remove_photo",
    label=_("Photo removed"),
    permission="moderation:write",
    lock=_photo_to_lock,
)
def remove_photo(ctx: Context, *, photo: str, reason: str = "") -> RemovedPhoto:
    """Take a photo away for good; the text beside it stays. Raises ``NotFound``."""
    row = ctx.the_locked(Photo, code="photo_not_found", field="photo")
    if row.state == Photo.State.REMOVED:
        raise NotFound("photo_not_found", _("There is no such photo."), field="photo")
    throw_photos_away([row])
    close_cases(ctx, kind=PHOTO, subject=photo, state=Case.State.REMOVED, reason=reason)
    ctx.about(
        row.member.public_id if row.member else "", photo=photo, of=row.subject, reason=reason[:200]
    )
    return RemovedPhoto(photo=photo)


@command(
    "moderation.keep_photo",
    label=_("Reported photo kept"),
    permission="moderation:write",
    lock=_photo_to_lock,
)
def keep_photo(ctx: Context, *, photo: str, hold: bool = False) -> RemovedPhoto:
    """A reported photo is fine, or (``hold``) not shown until it is decided. Raises ``NotFound``."""
    row = ctx.the_locked(Photo, code="photo_not_found", field="photo")
    if row.state == Photo.State.REMOVED:
        raise NotFound("photo_not_found", _("There is no such photo."), field="photo")
    row.state = Photo.State.HELD if hold else Photo.State.SHOWN
    row.save(update_fields=["state"])
    if not hold:
        close_cases(ctx, kind=PHOTO, subject=photo, state=Case.State.KEPT)
    ctx.about(row.member.public_id if row.member else "", photo=photo, of=row.subject)
    return RemovedPhoto(photo=photo)
