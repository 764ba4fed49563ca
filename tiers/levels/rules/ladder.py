"""A ladder: its levels, what it counts, when members go up and down. What is wrong with one.

What must stay true: whoever enters a level could enter every one below it, and whoever keeps it
could keep those below: then levels neither overlap nor leave a hole between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import end_of_day, local_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.values import once
from loyalty.engine.plug import Multiplier
from loyalty.engine.restrictions import EVERYTHING, Restriction
from loyalty.engine.rules import RuleTerms
from loyalty.engine.validity import add, round_up
from loyalty.ledger.assets import AssetView
from tiers.levels.rules.level import (
    COUNTED,
    MONTHS,
    POINTS,
    SPEND,
    VISITS,
    LevelTerms,
    Measures,
    Need,
    asks_at_least,
    meets,
)
from tiers.levels.rules.windows import LIFETIME, Window

AT_ONCE, NEXT_PERIOD = "at_once", "next_period"
NEVER, ONE, EARNED = "never", "one", "earned"
AT_REVIEW = "at_review"
MOST_GRACE = 1_200
_OWN_FACTS = ("level", "level_rank")
_NAMES = {
    SPEND: ("chi tiêu tính hạng", "spend for the level"),
    POINTS: ("điểm tính hạng", "points for the level"),
    VISITS: ("lượt tính hạng", "visits for the level"),
}


@dataclass(frozen=True, kw_only=True)
class LadderTerms(RuleTerms):
    """A published ladder. ``family`` is the id of its first version: what is counted is the family's.

    Args:
        rise: ``at_once`` or at the ``next_period``.
        fall: at a review ``never``, by ``one`` level, or to what was ``earned``.
        after_refund: whether a level owed to a refunded sale goes ``at_once`` or ``at_review``.
        grace_count: how long a level is kept after a review it did not pass, in ``grace_unit``,
            ``grace_round_up`` as in :func:`loyalty.engine.validity.round_up`; 0 for none.
        points_asset: which points count; ``counts_bonus``: those of multipliers too.
        counts_past: of the first version, whether what was bought before it counts too.
        visits_a_day: how many visits of one local day count.
        restriction: the goods that count.
        faults: what was wrong with the levels as they were written.
    """

    family: str = ""
    levels: tuple[LevelTerms, ...] = ()
    window: Window = Window()
    rise: str = AT_ONCE
    fall: str = EARNED
    after_refund: str = AT_ONCE
    grace_count: int = 0
    grace_unit: str = "month"
    grace_round_up: str = ""
    points_asset: str = "points"
    counts_bonus: bool = True
    counts_past: bool = True
    visits_a_day: int = 1
    restriction: Restriction = EVERYTHING
    faults: tuple[DomainError, ...] = ()

    @once
    def visits_rule(self) -> str:
        """Under which visits are counted, apart from spend and points and over all versions: so many
        a day.
        """
        return f"{self.family}:v"

    def asset(self, basis: str) -> str:
        """The code of the asset something is counted in."""
        return f"{_STEMS[basis]}:{self.family}"

    @once
    def asked(self) -> frozenset[str]:
        """What any level asks for."""
        ways = (way for one in self.levels for way in (*one.enter, *one.keep))
        return frozenset(basis for way in ways for basis in way)

    @once
    def asks_months(self) -> bool:
        """Does any level ask how long somebody is a member?"""
        return MONTHS in self.asked

    @once
    def assets(self) -> dict[str, str]:
        """What must be counted, and the code of the asset it is counted in."""
        return {basis: self.asset(basis) for basis in COUNTED if basis in self.asked}

    @once
    def bases(self) -> dict[str, str]:
        """What is counted in an asset."""
        return {asset: basis for basis, asset in self.assets.items()}

    @once
    def lowers_prices(self) -> bool:
        """Has any level a better price or free delivery?"""
        return any(one.discount_bp or one.free_delivery for one in self.levels)

    @once
    def factors(self) -> dict[tuple[str, str], Multiplier]:
        """The factor of each level by its code, as called in a language: every sale asks for one."""
        return {}

    def counted_in(self) -> tuple[AssetView, ...]:
        return tuple(
            AssetView(
                code=self.asset(basis),
                kind="counter",
                name_vi=f"{_NAMES[basis][0]}: {self.name}"[:60],
                name_en=f"{_NAMES[basis][1]}: {self.name}"[:60],
                value_minor=0,
                value_units=1,
            )
            for basis in self.assets
        )

    # --- ranks ---------------------------------------------------------------------------------

    def rank(self, code: str) -> int:
        """The place of a level, from 1; 0 where the ladder has no such level."""
        return self.ranks.get(code, 0)

    @once
    def ranks(self) -> dict[str, int]:
        """The places of all levels, by code."""
        return {one.code: rank for rank, one in enumerate(self.levels, start=1)}

    def level(self, rank: int) -> LevelTerms | None:
        """The level of a rank; ``None`` below the first."""
        return self.levels[rank - 1] if 1 <= rank <= len(self.levels) else None

    def code(self, rank: int) -> str:
        """Its code, empty below the first level."""
        found = self.level(rank)
        return found.code if found else ""

    @once
    def ground(self) -> int:
        """The rank nobody falls below: 1 where the first level asks for nothing, else 0."""
        return 1 if self.levels and not self.levels[0].enter else 0

    def reached(self, measures: Measures) -> int:
        """The highest rank these figures enter."""
        for rank, ways in self._downwards:
            if meets(ways, measures):
                return rank
        return 0

    @once
    def _downwards(self) -> tuple[tuple[int, tuple[Need, ...]], ...]:
        ranks = range(len(self.levels), 0, -1)
        return tuple([(rank, self.levels[rank - 1].enter) for rank in ranks])

    def kept(self, held: int, measures: Measures) -> int:
        """The highest rank up to ``held`` that these figures keep."""
        for rank in range(held, 0, -1):
            one = self.levels[rank - 1]
            if one.for_life or meets(one.to_stay, measures):
                return rank
        return 0

    def can_fall(self, rank: int) -> bool:
        """Is a level ever reviewed?"""
        found = self.level(rank)
        return (
            found is not None
            and rank > self.ground
            and not found.for_life
            and self.window.kind != LIFETIME
        )

    def grace_until(self, at: datetime, zone: str) -> datetime | None:
        """When a level not kept at a review of an instant is really lost; ``None`` at once."""
        if not self.grace_count:
            return None
        last = add(local_day(at, zone), self.grace_count, self.grace_unit)
        if not self.grace_round_up:
            # The review stands at the first instant of a day: a month of grace ends with the month.
            return end_of_day(add(last, -1, "day"), zone)
        return end_of_day(round_up(add(last, -1, "day"), self.grace_round_up), zone)

    # --- what is wrong -------------------------------------------------------------------------

    def problems(self) -> list[DomainError]:
        found = [*self.faults, *self.window.problems(), *self.restriction.problems()]
        for name in ("limits", "budget", "stacking_group"):
            if getattr(self, name):
                found.append(
                    Invalid(
                        "not_here", _("A ladder has none: it gives nothing by itself."), field=name
                    )
                )
        if any(one.fact.partition(".")[0] in _OWN_FACTS for one in self.audience):
            found.append(
                Invalid(
                    "asks_for_itself",
                    _("A ladder cannot ask for the level it decides."),
                    field="audience",
                )
            )
        if not 0 <= self.grace_count <= MOST_GRACE:
            found.append(
                Invalid(
                    "out_of_range",
                    _("Give a number from 0 to %(n)s.") % {"n": MOST_GRACE},
                    field="grace_count",
                )
            )
        return found or [*_steps(self)] or [*_kept(self)]


_STEMS = {SPEND: "level_spend", POINTS: "level_points", VISITS: "level_visits"}


def _steps(ladder: LadderTerms) -> Iterator[DomainError]:
    """Each level asks for more than the one below it."""
    for number, (below, one) in enumerate(
        zip(ladder.levels, ladder.levels[1:], strict=False), start=1
    ):
        where = f"levels.{number}.enter"
        if not one.enter:
            yield Invalid(
                "no_conditions", _("Only the first level may ask for nothing."), field=where
            )
            continue
        for row, way in enumerate(one.enter):
            if not _climbs(way, below.enter):
                yield Invalid(
                    "not_rising",
                    _("This must ask for more than “%(below)s”, or levels overlap.")
                    % {"below": below.code},
                    field=f"{where}.{row}",
                )


def _climbs(way: Need, below: tuple[Need, ...]) -> bool:
    if not below:
        return True
    return any(asks_at_least(way, less) and dict(way) != dict(less) for less in below)


def _kept(ladder: LadderTerms) -> Iterator[DomainError]:
    """Keeping asks for no more than entering, and for no less than keeping the level below."""
    for number, one in enumerate(ladder.levels):
        where = f"levels.{number}.keep"
        if one.keep and ladder.window.kind == LIFETIME:
            yield Invalid(
                "never_reviewed",
                _("Counted over a lifetime nothing is lost: leave this empty."),
                field=where,
            )
            continue
        if one.keep and not all(
            any(asks_at_least(way, kept) for kept in one.keep) for way in one.enter
        ):
            yield Invalid(
                "keep_above_entry",
                _("Staying may not ask for more than entering does."),
                field=where,
            )
        below = ladder.levels[number - 1] if number else None
        if below is None or not below.to_stay:
            continue
        for row, way in enumerate(one.to_stay):
            if not any(asks_at_least(way, less) for less in below.to_stay):
                yield Invalid(
                    "leaves_a_hole",
                    _("Staying here asks for less than staying in “%(below)s” does.")
                    % {"below": below.code},
                    field=f"{where}.{row}",
                )
