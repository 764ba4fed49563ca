"""A quiet hour at the demo's coffee shop: tea costs less in the afternoon."""

from __future__ import annotations

from loyalty.engine.ports import DemoShop


def furnish(shop: DemoShop) -> None:
    """The discount, from the first day."""
    shop.rule(
        "discounts.discount_rule",
        name="Giờ trà chiều",
        name_en="Afternoon tea",
        off_bp=1_000,
        categories=["tra"],
        weekdays=[1, 2, 3, 4, 5],
        minute_from=14 * 60,
        minute_to=16 * 60,
    )
