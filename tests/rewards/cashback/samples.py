"""Cashback at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.rewards.cashback.cashback_of import CREDIT, cashback, spending
from tests.rewards.catalog.rewards_of import give
from tests.rewards.points.rules_of import earning
from tests.world import Shop

BASKET = (
    LineInput(sku="rice", category="groceries", net_minor=99_999, quantity_milli=3000),
    LineInput(sku="pan", category="kitchen", net_minor=70_001, quantity_milli=2000),
    LineInput(name="Delivery", kind="shipping", net_minor=20_003),
)


def _card_style(shop: Shop) -> SaleInput:
    cashback(shop, name="5% up to a cap", priority=9, skus=["pan"],
             limits=[{"maximum": 9**9, "period": "month"}], cap_minor=2_001,
             budget=900_000_000)  # fmt: skip
    cashback(shop, name="Groceries", rate_bp=300, priority=5, categories=["groceries"])
    cashback(shop, name="All", rate_bp=100, wait_kind="days", wait_days=14)
    return SaleInput(lines=BASKET, discount_minor=1_001)


def _paid(shop: Shop) -> SaleInput:
    cashback(shop, rate_bp=1_000)
    spending(shop, pay_minimum_minor=10_000, pay_step_minor=500, cap_bp=9_000)
    earning(shop)
    give(shop, 100_000, asset=CREDIT)
    return SaleInput(lines=BASKET, use={CREDIT: 60_000})


SAMPLES = (
    Sample(
        name="card-style cashback",
        mechanics=("cashback",),
        kinds=("cashback.cashback_rule",),
        set_up=_card_style,
    ),
    Sample(
        name="paid in part with store credit",
        mechanics=("store_credit", "cashback"),
        kinds=("cashback.spending_rule",),
        set_up=_paid,
        from_nothing=False,
    ),
)
