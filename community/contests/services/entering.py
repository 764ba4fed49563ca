"""What members enter, and how staff looks at it before anybody else does."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from community.contests import selectors
from community.contests.models import Contest, Entry, Vote
from community.contests.rules import LONGEST_TEXT
from community.contests.services.keeping import (
    BY_BOTH,
    ENTERED,
    KIND,
    EntryResult,
    active,
    entry_to_lock,
    kept,
    must_be,
    the_entry,
    told,
)
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Refused
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity, take_back_activity
from loyalty.web.photos import KeptPhoto
from members.moderation.models import Case, Photo
from members.moderation.selectors import manners
from members.moderation.services import (
    attach_photos,
    check_pace,
    check_text,
    close_cases,
    drop_cases,
    open_case,
    show_photos,
    throw_photos_away,
)
from members.profiles.models import Member
from members.profiles.rules.names import clean_name, clean_text
from members.profiles.selectors import member_to_lock

BY_STAFF = ("contests:write", "moderation:write")


@command(
    "contests.enter_contest",
    label=_("Contest entered"),
    permission=BY_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def enter_contest(
    ctx: Context, *, member: str, contest: str, text: str = "", photo: KeptPhoto | None = None
) -> EntryResult:
    """Enter words, a photo, or both. Nobody sees it before staff has looked at it.

    Raises ``NotFound``, ``Invalid`` (text, photo), ``Refused`` (``contest_closed``, ``not_for_you``,
    ``entries_used``, ``member_not_active``), ``TooMany``.
    """
    owner = active(ctx.the_locked(Member, code="member_not_found", field="member"))
    row = selectors.access_shown(contest)
    if row.state != Contest.State.LIVE or not row.opens_at <= ctx.now < row.entries_until:
        raise Refused("contest_closed", _("This contest takes no entries now."), field="contest")
    if not selectors.is_for(row, Facts(DatabaseWorld.within(ctx, owner))):
        raise Refused("not_for_you", _("This contest is not for this member."), field="contest")
    mine = [one for one in selectors.own_entries(row, owner) if one.state in selectors.COUNTS]
    if len(mine) >= row.entries_per_member:
        told = _("At most %(most)s entries of each member.") % {"most": row.entries_per_member}
        raise Refused("entries_used", told, field="contest")
    words, pictures = _content(row, text, photo)
    polite = manners()
    check_pace(ctx, owner, polite)
    why = check_text(words, polite) or str(Case.Why.NEW)
    entry = Entry.objects.create(
        programme=ctx.programme,
        contest=row,
        member=owner,
        state=Entry.State.PENDING,
        text=words,
        entered_at=ctx.now,
    )
    subject = entry.public_id
    attach_photos(ctx, member=owner, kind=KIND, subject=subject, photos=pictures, most=1)
    open_case(ctx, kind=KIND, subject=subject, author=owner, why=why)
    return kept(ctx, entry, "entry.received")


@command(
    "contests.withdraw_entry",
    label=_("Contest entry withdrawn"),
    permission=BY_BOTH,
    lock=lambda *, entry: entry_to_lock(entry),
)
def withdraw_entry(ctx: Context, *, entry: str) -> EntryResult:
    """Take an entry out again, before the contest is decided. Raises ``NotFound``, ``Refused``."""
    row = the_entry(ctx, entry)
    must_be(row.contest, Contest.State.LIVE)
    if row.state not in selectors.COUNTS:
        raise Refused("entry_ended", _("This entry is out already."), field="entry")
    _take_out(ctx, row, Entry.State.WITHDRAWN)
    throw_photos_away(Photo.objects.filter(subject=row.public_id))
    close_cases(ctx, kind=KIND, subject=row.public_id, state=Case.State.GONE)
    return kept(ctx, row, "entry.withdrawn")


@command(
    "contests.judge_entry",
    label=_("Contest entry looked at"),
    permission=BY_STAFF,
    lock=lambda *, entry, **_rest: entry_to_lock(entry),
)
def judge_entry(ctx: Context, *, entry: str, show: bool, reason: str = "") -> EntryResult:
    """Show an entry to everybody, or do not accept it (also afterwards: its votes are free again).

    One that was reported and is fine is shown (again). Of a contest that is over only what is reported
    is looked at; place and prize stay.

    Raises ``NotFound``, ``Refused`` (``entry_ended``, ``contest_decided`` …).
    """
    row = the_entry(ctx, entry)
    was_reported = row.public_id in selectors.reported([row.public_id])
    late = (Contest.State.DECIDED, Contest.State.CANCELLED) if was_reported else ()
    must_be(row.contest, Contest.State.LIVE, *late)
    is_shown = row.state == Entry.State.SHOWN
    if row.state not in selectors.COUNTS or (is_shown and show and not was_reported):
        raise Refused("entry_ended", _("This entry is out already."), field="entry")
    row.reason = clean_name(reason, field="reason", longest=200)
    row.judged_at, row.judged_by = ctx.now, ctx.actor.label[:200]
    verdict = Case.State.KEPT if show else Case.State.REMOVED
    close_cases(ctx, kind=KIND, subject=row.public_id, state=verdict, reason=row.reason)
    if not show:
        _take_out(ctx, row, Entry.State.REJECTED)
        show_photos(row.public_id, shown=False)
        return kept(ctx, row, "entry.rejected")
    row.state = Entry.State.SHOWN
    show_photos(row.public_id, shown=True)
    owner = selectors.owner_of(row)
    is_first = row.contest.state == Contest.State.LIVE and not row.activity
    if owner.state == Member.State.ACTIVE and is_first:
        done = record_activity.within(
            ctx, member=owner.public_id, type=ENTERED, key=row.public_id, data=told(row)
        )
        row.activity = done.activity
    return kept(ctx, row, "entry.shown")


@command(
    "contests.hold_entry",
    label=_("Contest entry held back"),
    permission=BY_STAFF,
    lock=lambda *, entry: entry_to_lock(entry),
)
def hold_entry(ctx: Context, *, entry: str) -> EntryResult:
    """Nobody sees an entry until staff decided; its votes wait with it. Raises ``NotFound``, ``Refused``."""
    row = the_entry(ctx, entry)
    if row.state != Entry.State.SHOWN:
        raise Refused("entry_ended", _("This entry is out already."), field="entry")
    row.state = Entry.State.PENDING
    show_photos(row.public_id, shown=False)
    return kept(ctx, row, "entry.held")


def end_open_cases(ctx: Context, contest: Contest) -> None:
    """What nobody looked at before a contest ended needs no look any more."""
    for entry in selectors.entries_of(contest, state=Entry.State.PENDING):
        close_cases(ctx, kind=KIND, subject=entry.public_id, state=Case.State.GONE)


def forget_entries(member: Member) -> None:
    """A person is forgotten: words and photos go, the votes for what is withdrawn are free again."""
    mine = Entry.objects.filter(member=member)
    throw_photos_away(Photo.objects.filter(member=member, kind=KIND))
    drop_cases(mine.values_list("public_id", flat=True))
    mine.update(text="", reason="")
    gone = mine.filter(rank__isnull=True)
    _free_votes(gone.filter(contest__state=Contest.State.LIVE).values_list("pk", flat=True))
    gone.update(state=Entry.State.WITHDRAWN)


def _take_out(ctx: Context, row: Entry, state: str) -> None:
    row.state = Entry.State(state)
    if row.contest.state != Contest.State.LIVE:
        return
    if row.activity:
        take_back_activity(ctx, Activity.objects.get(public_id=row.activity))
        row.activity = ""
    # The row first: who votes meanwhile waits for it, and then finds nothing to vote for.
    Entry.objects.filter(pk=row.pk).update(state=row.state)
    _free_votes([row.pk])
    row.votes = 0


def _free_votes(entries: Iterable[int]) -> None:
    keys = list(entries)
    Vote.objects.filter(entry__in=keys).delete()
    Entry.objects.filter(pk__in=keys).update(votes=0)


def _content(row: Contest, text: str, photo: KeptPhoto | None) -> tuple[str, tuple[KeptPhoto, ...]]:
    words = clean_text(text, field="text", longest=LONGEST_TEXT) if row.wants_text else ""
    if row.wants_text and not row.wants_photo and not words:
        raise Invalid("required", _("Write something."), field="text")
    if row.wants_photo and photo is None:
        raise Invalid("required", _("Choose a photo."), field="photo")
    return words, (photo,) if row.wants_photo and photo else ()
