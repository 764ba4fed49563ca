"""What an activity counts for on a ladder: spend, points and a visit, with when each dies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Applied, Basis
from loyalty.ledger.holding import counted as worth
from loyalty.ledger.states import LotState
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.level import POINTS, SPEND, VISITS
from tiers.levels.rules.standing import Credit

# Somebody was here without buying, as a check-in records it.
VISIT = "visit"


class Count(NamedTuple):
    """How much of what counts, the lines it came from, and the award it falls with, if one."""

    basis: str
    amount: int
    lines: Basis = ()
    like: tuple[str, Mapping[str, Any]] | None = None


def counts(ladder: LadderTerms, activity: ActivityData, *, done: Iterable[Applied]) -> list[Count]:
    """What an activity counts for, the number of visits a day aside.

    Args:
        done: what the activity had for effects; the points among them count.
    """
    wanted, goods = ladder.assets, ladder.restriction.goods(activity)
    lines = goods.lines
    found: list[Count] = []
    if SPEND in wanted and lines:
        found.append(Count(SPEND, goods.total, goods.parts))
    if VISITS in wanted and (lines if activity.type == PURCHASE else activity.type == VISIT):
        found.append(Count(VISITS, 1))
    if POINTS in wanted and (lines or activity.sale is None):
        for one in done:
            if _is_earned(one, ladder):
                like = (one.kind, one.memo)
                found.append(Count(POINTS, one.amount, one.basis, like))
    return found


def _is_earned(one: Applied, ladder: LadderTerms) -> bool:
    """Points that were issued, neither brought along nor given back; a multiplier's say its factor."""
    if one.asset != ladder.points_asset or one.entry is None or one.entry.pot != "issued":
        return False
    return one.entry.amount > 0 and (ladder.counts_bonus or "factor_bp" not in one.details)


def credits_of(basis: str, lots: Iterable[LotState]) -> list[Credit]:
    """Lots of the ledger as what they counted for."""
    return [
        Credit(basis, amount, lot.opened_at, lot.expires_at)
        for lot in lots
        if (amount := worth(lot))
    ]
