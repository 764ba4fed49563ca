"""Who moves when a draft of a ladder is published: told beforehand, of real members.

Nobody falls at the moment of publishing but those whose level is taken off the ladder. Members who
reach more by the new thresholds go up with the next walk; at their next review the new thresholds
hold, and what differs there from the old ones is told too, as if nothing more counted until then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.engine.models import MemberStatus
from loyalty.engine.status import Status
from loyalty.ledger.figures import balances_of
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member
from tiers.levels.models import Ladder
from tiers.levels.rules.keeping import STATUS, read_standing
from tiers.levels.rules.ladder import AT_ONCE, LadderTerms
from tiers.levels.rules.level import MONTHS
from tiers.levels.rules.standing import Standing, decide
from tiers.levels.rules.windows import months_between

SHOWN = 10
_CHUNK = 2_000


@dataclass(frozen=True, kw_only=True)
class Mover:
    """A member who moves, with the codes of both levels."""

    member: str
    name: str
    before: str
    after: str


@dataclass(kw_only=True)
class Group:
    """How many move in one way, and the first few of them."""

    count: int = 0
    first: list[Mover] = field(default_factory=list)

    def add(self, mover: Mover) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(mover)


@dataclass(frozen=True, kw_only=True)
class Movers:
    """What publishing does to whom.

    Args:
        rise: go up with the next walk; ``lose``: their level is no more, they go to the one below.
        fall: by the new thresholds fall at their next review, by the old would not; ``saved``: the
            other way round.
    """

    members: int
    rise: Group
    lose: Group
    fall: Group
    saved: Group


def movers_of(draft: Ladder) -> Movers:
    """Who moves when a draft is published. A few queries for each two thousand members."""
    new = draft.terms()
    old = draft.replaces.terms() if isinstance(draft.replaces, Ladder) else None
    found = Movers(members=0, rise=Group(), lose=Group(), fall=Group(), saved=Group())
    members = 0
    for batch in _batches():
        members += len(batch)
        statuses, figures = statuses_of(batch), measures_of(new, batch)
        for member in batch:
            _judge(found, old, new, member, statuses.get(member.pk), figures[member.pk])
    return Movers(
        members=members, rise=found.rise, lose=found.lose, fall=found.fall, saved=found.saved
    )


def moving(ladder: LadderTerms, batch: Collection[Member]) -> list[Member]:
    """Those of some members who reach more by a ladder than they hold, or hold what it has no more."""
    statuses, figures = statuses_of(batch), measures_of(ladder, batch)
    found = []
    for member in batch:
        status = statuses.get(member.pk)
        rises = ladder.rise == AT_ONCE and ladder.reached(figures[member.pk]) > read_standing(
            status, ladder
        ).earned(ladder)
        own = status is not None and status.data.get("ladder") == ladder.family
        if rises or (status is not None and own and status.value and not ladder.rank(status.value)):
            found.append(member)
    return found


def members_after(pk: int, *, limit: int) -> list[Member]:
    """Living members by id, for a walk."""
    return list(_living().filter(pk__gt=pk)[:limit])


def statuses_of(members: Collection[Member]) -> dict[int, Status]:
    """The kept levels of some members. One query."""
    rows = MemberStatus.objects.filter(name=STATUS, member__in=[one.pk for one in members])
    return {row.member_id: row.view for row in rows}


def measures_of(ladder: LadderTerms, members: Collection[Member]) -> dict[int, dict[str, int]]:
    """What counts for some members now. A query for each thing counted."""
    programme, now = current_programme(), clock_now()
    today = local_day(now, programme.timezone)
    found: dict[int, dict[str, int]] = {
        one.pk: {MONTHS: months_between(local_day(one.joined_at, programme.timezone), today)}
        for one in members
    }
    for basis, asset in ladder.assets.items():
        held = balances_of({one.holder_id for one in members}, asset=asset)
        for one in members:
            found[one.pk][basis] = held.get(one.holder_id, 0)
    return found


def _judge(
    found: Movers,
    old: LadderTerms | None,
    new: LadderTerms,
    member: Member,
    status: Status | None,
    measures: Mapping[str, int],
) -> None:
    after = read_standing(status, new)
    held, reached = after.earned(new), new.reached(measures)
    before = old.code(read_standing(status, old).earned(old)) if old else ""

    def move(group: Group, was: str, becomes: int) -> None:
        group.add(
            Mover(member=member.public_id, name=member.name, before=was, after=new.code(becomes))
        )

    if before and not new.rank(before):
        move(found.lose, before, max(held, reached if new.rise == AT_ONCE else 0))
        return
    if new.rise == AT_ONCE and reached > held:
        move(found.rise, new.code(held), reached)
        return
    if old is None or not before:
        return
    was, becomes = _left(old, read_standing(status, old), measures), _left(new, after, measures)
    stays, stayed = becomes >= new.rank(before), was >= old.rank(before)
    if stayed and not stays:
        move(found.fall, before, becomes)
    elif stays and not stayed:
        move(found.saved, before, becomes)


def _left(ladder: LadderTerms, standing: Standing, measures: Mapping[str, int]) -> int:
    """The rank a review would leave by what counts now."""
    held = standing.earned(ladder)
    return decide(ladder, held, measures) if ladder.can_fall(held) else held


def _batches() -> Iterator[list[Member]]:
    after = 0
    while batch := members_after(after, limit=_CHUNK):
        yield batch
        after = batch[-1].pk


def _living() -> QuerySet[Member]:
    gone = (Member.State.MERGED, Member.State.ERASED)
    rows: QuerySet[Any] = Member.objects.exclude(state__in=gone)
    return rows.only("public_id", "name", "holder", "joined_at", "programme").order_by("pk")
