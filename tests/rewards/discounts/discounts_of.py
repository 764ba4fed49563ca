"""Discounts for the stories, written and published through the doors."""

from __future__ import annotations

from typing import Any

from loyalty.engine.publishing import RuleView, create_rule, publish_rule
from loyalty.sales.rules import LineInput
from tests.world import Shop


def discount(shop: Shop, *, name: str = "Regulars", **values: Any) -> RuleView:
    """A live discount: 10% off all goods unless told otherwise."""
    values = {"name": name, "discount": "percent", "off_bp": 1_000, **values}
    draft = create_rule(shop.call(), kind="discounts.discount_rule", values=values)
    published = publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    return published


def line(net_minor: int, *, units: int = 1, **more: Any) -> LineInput:
    """Goods of one kind."""
    return LineInput(net_minor=net_minor, quantity_milli=1000 * units, **more)


def prices(result: Any) -> list[tuple[int, int]]:
    """What each line was and is."""
    return [(one.was_minor, one.net_minor) for one in result.lines]


def reasons(result: Any) -> list[tuple[str, int]]:
    """Which rule took how much off, in the order it was taken."""
    return [(one.rule_name, one.amount) for one in result.effects if one.kind == "lower_price"]
