"""What members bought before, as facts for everybody's rules. Sales themselves give nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from loyalty.engine.fact_info import FactInfo
from loyalty.engine.matching import as_days, as_number
from loyalty.engine.plug import Mechanic
from loyalty.engine.world import World
from loyalty.sales import selectors

HISTORY = selectors.bought
PAST_SALES = selectors.past_sales
SHELF = selectors.SHELF
GOODS_NAMES = selectors.goods_names
_COUNTS = {
    30: _("purchases in the last 30 days"),
    90: _("purchases in the last 90 days"),
    180: _("purchases in the last 180 days"),
    365: _("purchases in the last 365 days"),
}
_SPENDS = {
    0: _("spent so far"),
    30: _("spent in the last 30 days"),
    90: _("spent in the last 90 days"),
    180: _("spent in the last 180 days"),
    365: _("spent in the last 365 days"),
}


def _count(world: World, days: int) -> int:
    return world.bought(days).count


def _spent(world: World, days: int) -> int:
    return world.bought(days).net_minor


def _days_since(world: World) -> int | None:
    last_at = world.bought().last_at
    return (world.happened_at - last_at).days if last_at else None


def _spent_name(days: int) -> str:
    return f"purchases.spent_{days}d" if days else "purchases.spent"


def _facts() -> dict[str, Callable[[Any], Any]]:
    return {
        **{f"purchases.count_{days}d": partial(_count, days=days) for days in _COUNTS},
        **{_spent_name(days): partial(_spent, days=days) for days in _SPENDS},
        "purchases.days_since": _days_since,
    }


def _fact_info() -> dict[str, FactInfo]:
    return {
        **{
            f"purchases.count_{days}d": FactInfo(
                label=label, where=as_number(partial(selectors.counted_bills, days=days))
            )
            for days, label in _COUNTS.items()
        },
        **{
            _spent_name(days): FactInfo(
                label=label,
                kind="money",
                where=as_number(partial(selectors.summed_bills, days=days)),
            )
            for days, label in _SPENDS.items()
        },
        "purchases.days_since": FactInfo(
            label=_("days since the last purchase"), where=as_days(selectors.last_bill)
        ),
        "sale.skus": FactInfo(
            label=_("product codes on the bill"),
            kind="texts",
            options=selectors.product_names,
            is_open=True,
        ),
    }


class History(Mechanic):
    """Offers facts about a member's purchases; answers no activity."""

    name = "sales"
    facts: ClassVar = _facts()
    fact_info: ClassVar = _fact_info()

    def load(self, programme_id: int) -> Sequence[Any]:
        return ()


MECHANICS = (History(),)
