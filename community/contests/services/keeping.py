"""What the commands about contests share: answers, locks, refusals, telling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from community.contests import selectors
from community.contests.models import Contest, Entry
from loyalty.commands.decorator import Context, Lock
from loyalty.common.errors import NotFound, Refused
from loyalty.common.rows import save_beside
from loyalty.outbox.services import publish
from members.profiles.models import Member

ENTERED, WON = "contest.entered", "contest.won"
# What entries are called among the things staff looks at.
KIND = "contest_entry"
BY_BOTH = ("contests:write", "self:contests")


@dataclass(frozen=True, kw_only=True)
class ContestResult:
    """A contest after a command; ``winners`` are entries, the first place first."""

    contest: str
    state: str
    revision: int
    winners: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EntryResult:
    """An entry after a command. ``rank`` 1 is the first place, 0 none."""

    entry: str
    contest: str
    member: str
    state: str
    votes: int
    rank: int


def contest_to_lock(contest: str) -> Lock:
    """The lock of commands about a contest itself."""
    return Lock(rows=Contest.objects.filter(public_id=contest))


def entry_to_lock(entry: str) -> Lock:
    """The lock of commands about one entry: whose card it is on now, and their holder."""
    row = Entry.objects.select_related("member__merged_into").filter(public_id=entry).first()
    owner = selectors.owner_of(row).pk if row else 0
    rows = Member.objects.select_related("holder").filter(pk=owner)
    return Lock(rows=rows, of=("self", "holder"))


def the_entry(ctx: Context, entry: str) -> Entry:
    """The entry, read under the lock of its member. Raises ``NotFound``."""
    if not ctx.locked:
        raise no_entry()
    return selectors.access_entry(entry)


def no_entry() -> NotFound:
    """The refusal for an entry nobody has here."""
    return NotFound("entry_not_found", _("There is no such entry."), field="entry")


def must_be(row: Contest, *states: str) -> None:
    """Raises ``Refused`` for a contest in another state."""
    if row.state not in states:
        raise Refused(
            f"contest_{row.state}",
            _("This contest is past that: %(state)s.") % {"state": row.get_state_display()},
            field="contest",
        )


def active(owner: Member) -> Member:
    """The member; raises ``Refused`` for a card that is not active."""
    if owner.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": owner.get_state_display()},
            field="member",
        )
    return owner


def told(row: Entry) -> dict[str, Any]:
    """What rules and the outside read of an entry."""
    contest = row.contest
    data = {"contest": contest.public_id, "entry": row.public_id}
    return {**data, "title": contest.title_vi or contest.title_en, "place": row.rank or 0}


def kept(ctx: Context, row: Entry, event: str) -> EntryResult:
    """Write an entry and tell of it; its votes are counted by who votes."""
    save_beside(row, "votes")
    owner = selectors.owner_of(row).public_id
    publish(ctx, event, subject=owner, data={**told(row), "member": owner, "state": str(row.state)})
    ctx.about(row.public_id, contest=row.contest.public_id, state=str(row.state))
    return entry_result(row)


def entry_result(row: Entry) -> EntryResult:
    """An entry as a value."""
    return EntryResult(
        entry=row.public_id,
        contest=row.contest.public_id,
        member=selectors.owner_of(row).public_id,
        state=str(row.state),
        votes=row.votes,
        rank=row.rank or 0,
    )
