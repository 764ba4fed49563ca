"""Discounts at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from rewards.points.services import change_settings
from tests.contracts.sample import Sample
from tests.rewards.catalog.rewards_of import give
from tests.rewards.discounts.discounts_of import discount
from tests.rewards.points.rules_of import earning
from tests.world import Shop

BASKET = (
    LineInput(sku="rice", category="staples", net_minor=99_999, quantity_milli=3000),
    LineInput(sku="tart", category="cakes", net_minor=70_001, quantity_milli=2000),
    LineInput(name="Delivery", kind="shipping", net_minor=20_003),
)


def _stacked(shop: Shop) -> SaleInput:
    discount(shop, off_bp=1_250, cap_minor=15_007, budget=40_000_000)
    discount(shop, name="Cakes", off_bp=3_333, categories=["cakes"], limits=[{"maximum": 9**9}])
    discount(shop, name="Bill", discount="amount", off_minor=7_001, stacks=True, priority=5)
    discount(shop, name="Delivery", off_bp=10_000, on_delivery=True, stacks=True)
    earning(shop, points=3, per_minor=1_000, proportional=True)
    return SaleInput(lines=BASKET, discount_minor=1_001)


def _paid(shop: Shop) -> SaleInput:
    give(shop, 500)
    change_settings(shop.call(), values={"pay_enabled": True, "value_minor": 100})
    discount(shop, discount="fixed_price", price_minor=29_999, skus=["rice"])
    return SaleInput(lines=BASKET, use={"points": 300})


SAMPLES = (
    Sample(
        name="stacked discounts",
        mechanics=("discounts",),
        kinds=("discounts.discount_rule",),
        set_up=_stacked,
    ),
    Sample(
        name="a fixed price, paid in part with points",
        mechanics=("discounts", "points.pay"),
        set_up=_paid,
        from_nothing=False,
    ),
)
