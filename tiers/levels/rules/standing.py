"""Where a member stands on a ladder, and how that changes: by what counts, by reviews, by refunds.

A level is held for one of three reasons, and the best of them shows: the last review left it
(``secured``), it was reached since (``reached``), or somebody gave it (``gift``). Each is decided
from what counted at its instant, so a refund can decide it again by the same figures less the sale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from loyalty.common.clock import local_day, start_of_day
from loyalty.common.values import Value, changed, once, value
from loyalty.engine.validity import add
from tiers.levels.rules.ladder import (
    AT_ONCE,
    AT_REVIEW,
    NEVER,
    ONE,
    LadderTerms,
)
from tiers.levels.rules.level import MONTHS
from tiers.levels.rules.windows import LIFETIME, months_between, next_period


class Credit(NamedTuple):
    """Something that counted: how much of what, from when until when (``None``: for ever)."""

    basis: str
    amount: int
    at: datetime
    until: datetime | None


@value
class Tally(Value):
    """All that counted for a member, to be looked at as of any instant."""

    credits: Sequence[Credit]
    joined_on: date
    zone: str

    def measures(self, at: datetime, *, ended: bool = False) -> dict[str, int]:
        """The figures at an instant, that instant's credits included.

        Args:
            ended: those of the stretch that ended at this very instant.
        """
        found = {MONTHS: months_between(self.joined_on, local_day(at, self.zone))}
        for basis, amount, since, until in self.credits:
            # Of the stretch that ended at this very instant: not what began at it, but what died.
            if since > at or (until is not None and until < at):
                continue
            if (since == at) if ended else (until == at):
                continue
            found[basis] = found.get(basis, 0) + amount
        return found


@value
class Gift(Value):
    """A level given by hand: a floor until an instant (``None``: until it is taken back)."""

    level: str
    since: datetime
    until: datetime | None
    reason: str
    by: str = ""

    def runs(self, at: datetime) -> bool:
        """Does it hold at an instant?"""
        return self.until is None or at < self.until


@value
class Standing(Value):
    """Where a member stands. Codes of levels; empty stands below the first.

    Args:
        secured: what the last review (at ``secured_at``) left, of ``before``; ``shielded``: nothing
            could fall at it. Without a review it is the ground of the ladder.
        reached: the best level reached since, where it is above.
        review_at: the next review; ``rise_at``: when what is reached comes into force; ``look_at``:
            when time alone may lift them, where a level asks for months as a member.
        grace_to: where to at ``grace_until``, unless enough counts before.
    """

    ladder: str
    secured: str = ""
    secured_at: datetime | None = None
    before: str = ""
    shielded: bool = False
    reached: str = ""
    review_at: datetime | None = None
    rise_at: datetime | None = None
    look_at: datetime | None = None
    grace_to: str = ""
    grace_until: datetime | None = None
    gift: Gift | None = None

    @once
    def due_at(self) -> datetime | None:
        """When this must be looked at again."""
        ends = self.gift.until if self.gift else None
        known = (self.review_at, self.rise_at, self.look_at, self.grace_until, ends)
        return min([one for one in known if one], default=None)

    def earned(self, ladder: LadderTerms) -> int:
        """The rank held without what was given by hand."""
        ranks = ladder.ranks
        secured = max(ranks.get(self.secured, 0), ladder.ground)
        return max(ranks.get(self.reached, 0), secured) if self.reached else secured

    def rank(self, ladder: LadderTerms, at: datetime) -> int:
        """The rank held at an instant."""
        earned, gift = self.earned(ladder), self.gift
        return earned if gift is None or not gift.runs(at) else max(earned, ladder.rank(gift.level))


def counted(
    ladder: LadderTerms,
    standing: Standing,
    measures: Mapping[str, int],
    *,
    now: datetime,
    tally: Tally,
) -> Standing:
    """By these figures of now the member may rise, or get out of a grace."""
    standing = _risen_to(ladder, standing, measures, now=now, tally=tally)
    if not ladder.asks_months and standing.look_at is None:
        return standing
    return changed(standing, look_at=_look_at(ladder, standing, now, tally))


def _risen_to(
    ladder: LadderTerms,
    standing: Standing,
    measures: Mapping[str, int],
    *,
    now: datetime,
    tally: Tally,
) -> Standing:
    held, best = standing.earned(ladder), ladder.reached(measures)
    if standing.grace_until and ladder.kept(held, measures) >= held:
        standing = changed(
            standing,
            grace_to="",
            grace_until=None,
            review_at=_review_at(ladder, held, now, tally),
        )
    if best <= held:
        return standing
    if ladder.rise == AT_ONCE:
        return changed(
            standing,
            reached=ladder.code(best),
            review_at=_review_at(ladder, best, now, tally),
            grace_to="",
            grace_until=None,
        )
    if ladder.window.is_rolling or ladder.window.kind == LIFETIME:
        rise_at = standing.rise_at or next_period(now, tally.zone)
        return changed(standing, rise_at=rise_at)
    if standing.review_at is None and standing.grace_until is None:
        ends = ladder.window.ends_at(now, joined_on=tally.joined_on, zone=tally.zone)
        return changed(standing, review_at=ends)
    return standing


def advanced(
    ladder: LadderTerms, standing: Standing, tally: Tally, *, now: datetime, shielded: bool = False
) -> Standing:
    """Let happen what is due by ``now``, in the order of its instants: reviews, rises, ends.

    Args:
        shielded: something keeps the level from falling (a paid plan).
    """
    while (at := standing.due_at) is not None and at <= now:
        if standing.gift and standing.gift.until == at:
            standing = changed(standing, gift=None)
        elif standing.rise_at == at:
            standing = _risen(ladder, standing, tally, at)
        elif standing.look_at == at:
            standing = counted(ladder, standing, tally.measures(at), now=at, tally=tally)
        elif standing.grace_until == at:
            standing = _grace_over(ladder, standing, tally, at, shielded=shielded)
        else:
            standing = _reviewed(ladder, standing, tally, at, shielded=shielded)
    return standing


def decided_again(
    ladder: LadderTerms, standing: Standing, tally: Tally, *, now: datetime
) -> Standing:
    """A refund took from what counted: what was decided by it is decided anew, and only lowers."""
    if ladder.after_refund == AT_REVIEW:
        return standing
    standing = _review_again(ladder, standing, tally, raises=False)
    if not standing.reached:
        return standing
    best = ladder.reached(tally.measures(now))
    if ladder.window.is_rolling:
        # Early credits may have died since: it stays with whom it was reached for at any instant.
        since = standing.secured_at
        later = (one.at for one in tally.credits if since is None or one.at > since)
        best = max([best, *(ladder.reached(tally.measures(at)) for at in later if at <= now)])
    if best >= ladder.rank(standing.reached):
        return standing
    secured = ladder.rank(standing.secured)
    left = changed(standing, reached=ladder.code(best) if best > secured else "")
    held = left.earned(ladder)
    anchor = standing.secured_at if ladder.window.is_rolling and not left.reached else now
    if standing.grace_until is None:
        left = changed(left, review_at=_review_at(ladder, held, anchor or now, tally))
    return left


def late_receipt(ladder: LadderTerms, standing: Standing, tally: Tally) -> Standing:
    """Something counted for a stretch that was reviewed already: the review is done again."""
    return _review_again(ladder, standing, tally, raises=True)


def decide(
    ladder: LadderTerms, held: int, measures: Mapping[str, int], *, shielded: bool = False
) -> int:
    """The rank a review leaves of a rank held, by what counted in the stretch that ended."""
    target = max(ladder.reached(measures), ladder.kept(held, measures), ladder.ground)
    if target >= held:
        return target
    if shielded or ladder.fall == NEVER:
        return held
    return max(target, held - 1) if ladder.fall == ONE else target


def _reviewed(
    ladder: LadderTerms, standing: Standing, tally: Tally, at: datetime, *, shielded: bool
) -> Standing:
    held = standing.earned(ladder)
    measures = tally.measures(at, ended=not ladder.window.is_rolling)
    target = decide(ladder, held, measures, shielded=shielded)
    done = changed(
        standing,
        secured=ladder.code(target),
        secured_at=at,
        before=ladder.code(held),
        shielded=shielded,
        reached="",
        grace_to="",
        grace_until=None,
        review_at=_next_review(ladder, target, at, tally),
    )
    grace = ladder.grace_until(at, tally.zone)
    if target < held and grace is not None:
        return changed(
            done,
            secured=ladder.code(held),
            grace_to=ladder.code(target),
            grace_until=grace,
            review_at=None,
        )
    return done


def _grace_over(
    ladder: LadderTerms, standing: Standing, tally: Tally, at: datetime, *, shielded: bool
) -> Standing:
    held, measures = standing.earned(ladder), tally.measures(at)
    stays = shielded or ladder.kept(held, measures) >= held
    target = held if stays else max(ladder.rank(standing.grace_to), ladder.reached(measures))
    return changed(
        standing,
        secured=ladder.code(target),
        secured_at=at,
        before=ladder.code(target),
        shielded=shielded,
        reached="",
        grace_to="",
        grace_until=None,
        review_at=_next_review(ladder, target, at, tally),
    )


def _risen(ladder: LadderTerms, standing: Standing, tally: Tally, at: datetime) -> Standing:
    best = ladder.reached(tally.measures(at))
    standing = changed(standing, rise_at=None)
    if best <= standing.earned(ladder):
        return standing
    return changed(
        standing,
        reached=ladder.code(best),
        review_at=_review_at(ladder, best, at, tally),
        grace_to="",
        grace_until=None,
    )


def _review_again(
    ladder: LadderTerms, standing: Standing, tally: Tally, *, raises: bool
) -> Standing:
    if standing.secured_at is None or standing.shielded:
        return standing
    back = changed(standing, secured=standing.before, reached="", grace_to="", grace_until=None)
    again = _reviewed(ladder, back, tally, standing.secured_at, shielded=False)
    was, now = ladder.rank(standing.secured), ladder.rank(again.secured)
    in_grace = again.grace_until is not None
    if raises:
        is_better = now > was or (standing.grace_until is not None and not in_grace)
    else:
        is_better = now < was or (in_grace and standing.grace_until is None)
    if not is_better:
        return standing
    kept = changed(again, reached=standing.reached)
    if standing.reached and standing.grace_until is None:
        # What was reached since has its own, later review.
        return changed(kept, review_at=standing.review_at, grace_to="", grace_until=None)
    return kept


def _look_at(
    ladder: LadderTerms, standing: Standing, now: datetime, tally: Tally
) -> datetime | None:
    """When the next threshold in months of a level above is met; ``None`` where time does nothing."""
    above = ladder.levels[standing.earned(ladder) :]
    wanted = {way[MONTHS] for one in above for way in one.enter if MONTHS in way}
    days = (start_of_day(add(tally.joined_on, n, "month"), tally.zone) for n in wanted)
    return min((day for day in days if day > now), default=None)


def _review_at(ladder: LadderTerms, rank: int, at: datetime, tally: Tally) -> datetime | None:
    if not ladder.can_fall(rank):
        return None
    return ladder.window.ends_at(at, joined_on=tally.joined_on, zone=tally.zone)


def _next_review(ladder: LadderTerms, rank: int, end: datetime, tally: Tally) -> datetime | None:
    """Counted over a lifetime, nothing dies; else the end of the stretch that begins now."""
    if not ladder.can_fall(rank):
        return None
    return ladder.window.next_after(end, joined_on=tally.joined_on, zone=tally.zone)
