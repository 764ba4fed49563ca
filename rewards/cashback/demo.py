"""Money back on what is taken home from the demo's coffee shop."""

from __future__ import annotations

from loyalty.engine.ports import DemoShop


def furnish(shop: DemoShop) -> None:
    """The rule, from the first day: it waits through the return window."""
    shop.rule(
        "cashback.cashback_rule",
        name="Hoàn tiền hàng mang về",
        name_en="Cashback on coffee to take home",
        rate_bp=500,
        categories=["mang-ve"],
        wait_kind="days",
        wait_days=14,
        limits=[{"maximum": 50_000, "period": "month"}],
    )
