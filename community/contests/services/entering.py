"""What members enter, and how staff looks at it before anybody else does."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from community.contests import selectors
from community.contests.models import Contest, Entry, EntryPhoto, Vote
from community.contests.rules import LONGEST_TEXT
from community.contests.services.keeping import (
    BY_BOTH,
    ENTERED,
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
from loyalty.web.photos import redraw
from members.profiles.models import Member
from members.profiles.rules.names import clean_name, clean_text
from members.profiles.selectors import member_to_lock


@command(
    "contests.enter_contest",
    label=_("Contest entered"),
    permission=BY_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def enter_contest(
    ctx: Context, *, member: str, contest: str, text: str = "", photo: bytes = b""
) -> EntryResult:
    """Enter words, a photo, or both. Nobody sees it before staff has looked at it.

    Raises ``NotFound``, ``Invalid`` (text, photo), ``Refused`` (``contest_closed``, ``not_for_you``,
    ``entries_used``, ``member_not_active``).
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
    words, jpeg = _content(row, text, photo)
    entry = Entry.objects.create(
        programme=ctx.programme,
        contest=row,
        member=owner,
        state=Entry.State.PENDING,
        text=words,
        entered_at=ctx.now,
    )
    if jpeg:
        EntryPhoto.objects.create(programme=ctx.programme, entry=entry, jpeg=jpeg)
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
    return kept(ctx, row, "entry.withdrawn")


@command(
    "contests.judge_entry",
    label=_("Contest entry looked at"),
    permission="contests:write",
    lock=lambda *, entry, **_rest: entry_to_lock(entry),
)
def judge_entry(ctx: Context, *, entry: str, show: bool, reason: str = "") -> EntryResult:
    """Show an entry to everybody, or do not accept it (also afterwards: its votes are free again).

    Raises ``NotFound``, ``Refused`` (``entry_ended``, ``contest_decided``).
    """
    row = the_entry(ctx, entry)
    must_be(row.contest, Contest.State.LIVE)
    wanted = Entry.State.SHOWN if show else Entry.State.REJECTED
    if row.state not in selectors.COUNTS or row.state == wanted:
        raise Refused("entry_ended", _("This entry is out already."), field="entry")
    row.reason = clean_name(reason, field="reason", longest=300)
    row.judged_at, row.judged_by = ctx.now, ctx.actor.label[:200]
    if not show:
        _take_out(ctx, row, Entry.State.REJECTED)
        return kept(ctx, row, "entry.rejected")
    row.state = Entry.State.SHOWN
    owner = selectors.owner_of(row)
    if owner.state == Member.State.ACTIVE:
        done = record_activity.within(
            ctx, member=owner.public_id, type=ENTERED, key=row.public_id, data=told(row)
        )
        row.activity = done.activity
    return kept(ctx, row, "entry.shown")


def _take_out(ctx: Context, row: Entry, state: str) -> None:
    if row.activity:
        take_back_activity(ctx, Activity.objects.get(public_id=row.activity))
    Vote.objects.filter(entry=row).delete()
    row.state, row.votes = Entry.State(state), 0


def _content(row: Contest, text: str, photo: bytes) -> tuple[str, bytes]:
    words = clean_text(text, field="text", longest=LONGEST_TEXT) if row.wants_text else ""
    if row.wants_text and not row.wants_photo and not words:
        raise Invalid("required", _("Write something."), field="text")
    if row.wants_photo and not photo:
        raise Invalid("required", _("Choose a photo."), field="photo")
    is_wanted = row.wants_photo and photo
    return words, redraw(photo, field="photo")[0] if is_wanted else b""
