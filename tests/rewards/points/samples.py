"""Points at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from rewards.points.services import change_settings
from tests.contracts.sample import Sample
from tests.rewards.catalog.rewards_of import give
from tests.rewards.points.rules_of import earning, multiplier
from tests.world import Shop

BASKET = (
    LineInput(sku="latte", category="drinks", net_minor=99_999, quantity_milli=3000),
    LineInput(sku="tart", category="cakes", net_minor=70_001, quantity_milli=2000),
    LineInput(net_minor=12_345),
)


def _earned(shop: Shop) -> SaleInput:
    earning(shop, points=3, per_minor=1_000, proportional=True, rounding="half_up")
    earning(shop, name="Cakes", basis="units", points=2, categories=["cakes"], budget=100)
    earning(shop, name="Visit", basis="fixed", points=5, minimum_minor=50_000)
    multiplier(shop, factor_bp=15_000, categories=["drinks"])
    return SaleInput(lines=BASKET, discount_minor=1_001)


def _waiting(shop: Shop) -> SaleInput:
    earning(shop, wait_kind="days", wait_days=14, expiry_kind="rolling", expiry_count=1,
            expiry_unit="year", limits=[{"maximum": 9}])  # fmt: skip
    return SaleInput(lines=BASKET)


def _paid(shop: Shop) -> SaleInput:
    give(shop, 500)
    change_settings(shop.call(), values={"pay_enabled": True, "value_minor": 100, "pay_step": 7})
    earning(shop)
    return SaleInput(lines=BASKET, use={"points": 300})


SAMPLES = (
    Sample(
        name="earned and multiplied",
        mechanics=("points",),
        kinds=("points.earning_rule", "points.multiplier_rule"),
        set_up=_earned,
    ),
    Sample(name="waiting and capped", mechanics=("points",), set_up=_waiting),
    Sample(
        name="paid with points",
        mechanics=("points", "points.pay"),
        set_up=_paid,
        from_nothing=False,
    ),
)
