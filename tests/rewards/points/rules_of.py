"""Points rules for the stories, written and published through the doors."""

from __future__ import annotations

from typing import Any

from loyalty.engine.publishing import RuleView, create_rule, publish_rule
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from tests.world import Shop


def earning(shop: Shop, *, name: str = "Points", **values: Any) -> RuleView:
    """A live earning rule: a point for each 10,000 unless told otherwise."""
    values = {"name": name, "points": 1, "per_minor": 10_000, **values}
    draft = create_rule(shop.call(), kind="points.earning_rule", values=values)
    return publish_rule(shop.call(), rule=draft.rule)


def multiplier(shop: Shop, *, name: str = "Double points", **values: Any) -> RuleView:
    """A live multiplier: double unless told otherwise."""
    draft = create_rule(
        shop.call(),
        kind="points.multiplier_rule",
        values={"name": name, "factor_bp": 20_000, **values},
    )
    return publish_rule(shop.call(), rule=draft.rule)


def buy(shop: Shop, total: int = 0, *lines: LineInput, **more: Any) -> PurchaseResult:
    """Ana buys for a total or some lines."""
    sale = SaleInput(lines=lines, **more) if lines else SaleInput(total_minor=total, **more)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale)


def points(result: Any, asset: str = "points") -> int:
    """The balance after something."""
    return next((one.balance for one in result.balances if one.asset == asset), 0)
