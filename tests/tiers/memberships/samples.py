"""Memberships at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.tiers.memberships.plans_of import join, plan
from tests.world import Shop


def _perks(shop: Shop) -> SaleInput:
    plan(shop, price_minor=0, renews=False, period_count=12, free_delivery=True, discount_bp=500)
    join(shop)
    return SaleInput(
        lines=(
            LineInput(sku="rice", net_minor=250_000, quantity_milli=2_000),
            LineInput(name="Delivery", kind="shipping", net_minor=40_000),
        )
    )


SAMPLES = (
    Sample(
        name="perks of a plan",
        mechanics=("memberships",),
        kinds=("memberships.plan",),
        set_up=_perks,
        from_nothing=False,
    ),
)
