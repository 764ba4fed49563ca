"""What a member always wants to know: how much to the next level, how much to stay, reviewed when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.level import BASES, LevelTerms, Measures, Need
from tiers.levels.rules.standing import Standing, Tally, decide


@dataclass(frozen=True, kw_only=True)
class Part:
    """One condition: what is asked, what there is. In minor units, points, visits or months."""

    basis: str
    needed: int
    have: int

    @property
    def missing(self) -> int:
        """What is still to come."""
        return max(self.needed - self.have, 0)

    @property
    def share(self) -> int:
        """How much of it is there, in percent."""
        return min(self.have * 100 // self.needed, 100)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A level and the ways to enter or keep it; one way met is enough."""

    level: LevelTerms
    ways: tuple[tuple[Part, ...], ...]

    @property
    def is_met(self) -> bool:
        """Is nothing missing?"""
        return not self.ways or any(all(not part.missing for part in way) for way in self.ways)

    @property
    def nearest(self) -> tuple[Part, ...]:
        """The way of which the largest part is done."""
        return max(self.ways, key=lambda way: min(part.share for part in way), default=())


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Where a member stands, and what comes.

    Args:
        level: the one they hold; ``None`` below the first.
        next: the level above, with what is missing; ``stay``: what the review will ask of them.
        review_at: of the review; ``expected``: what it would leave if nothing more came.
        rise_at: when a level reached comes into force; ``rising`` which.
        shielded: a paid plan keeps the level from falling.
    """

    ladder: LadderTerms
    standing: Standing
    level: LevelTerms | None
    rank: int
    measures: Measures
    next: Goal | None
    stay: Goal | None
    review_at: datetime | None
    expected: LevelTerms | None
    rising: LevelTerms | None
    rise_at: datetime | None
    shielded: bool


def outlook(
    ladder: LadderTerms, standing: Standing, tally: Tally, *, now: datetime, shielded: bool
) -> Outlook:
    """All of it, from what counted and is alive now."""
    rank, earned = standing.rank(ladder, now), standing.earned(ladder)
    measures = tally.measures(now)
    above = ladder.level(rank + 1)
    review_at = standing.grace_until or standing.review_at
    falls = review_at if review_at and ladder.can_fall(earned) else None
    held, stay, expected = ladder.level(earned), None, ladder.level(rank)
    if falls and held:
        by_then = _by(falls, ladder, standing, tally, now=now)
        stay = Goal(level=held, ways=_ways(held.to_stay, by_then))
        left = _left(ladder, standing, by_then, shielded=shielded)
        expected = ladder.level(left)
    reached = ladder.reached(measures)
    rises = reached > earned and (standing.rise_at or standing.review_at)
    return Outlook(
        ladder=ladder,
        standing=standing,
        level=ladder.level(rank),
        rank=rank,
        measures=measures,
        next=Goal(level=above, ways=_ways(above.enter, measures)) if above else None,
        stay=stay,
        review_at=falls,
        expected=expected,
        rising=ladder.level(reached) if rises else None,
        rise_at=rises or None,
        shielded=shielded,
    )


def _by(
    at: datetime, ladder: LadderTerms, standing: Standing, tally: Tally, *, now: datetime
) -> Mapping[str, int]:
    """What of today's figures the review will find."""
    if standing.grace_until:
        return tally.measures(now)
    return tally.measures(at, ended=not ladder.window.is_rolling)


def _left(
    ladder: LadderTerms, standing: Standing, measures: Mapping[str, int], *, shielded: bool
) -> int:
    held = standing.earned(ladder)
    if not standing.grace_until:
        return decide(ladder, held, measures, shielded=shielded)
    if shielded or ladder.kept(held, measures) >= held:
        return held
    return max(ladder.rank(standing.grace_to), ladder.reached(measures))


def _ways(ways: Sequence[Need], measures: Measures) -> tuple[tuple[Part, ...], ...]:
    return tuple(
        tuple(
            Part(basis=basis, needed=way[basis], have=max(measures.get(basis, 0), 0))
            for basis in BASES
            if basis in way
        )
        for way in ways
    )
