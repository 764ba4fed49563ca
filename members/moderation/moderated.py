"""Photos can be reported and decided on their own; the text beside them stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call
from members.moderation.models import Photo
from members.moderation.selectors import HOLD, KEEP, Moderated, Thing
from members.moderation.services.photos import PHOTO, keep_photo, remove_photo


def _find(subjects: Collection[str]) -> Mapping[str, Thing]:
    rows = Photo.objects.select_related("member").filter(public_id__in=subjects)
    # The shop's own pictures are nobody's to report.
    return {
        row.public_id: Thing(
            subject=row.public_id,
            author=row.member.public_id,
            author_name="",
            title="",
            text="",
            written_at=row.sent_at,
            is_shown=row.state == Photo.State.SHOWN,
            route=("photo", row.public_id),
        )
        for row in rows.exclude(state=Photo.State.REMOVED)
        if row.member is not None
    }


def _decide(call: Call, subject: str, verdict: str, reason: str) -> Any:
    if verdict in (KEEP, HOLD):
        return keep_photo(call, photo=subject, hold=verdict == HOLD)
    return remove_photo(call, photo=subject, reason=reason)


MODERATED = (Moderated(kind=PHOTO, label=_("Photo"), find=_find, decide=_decide),)
