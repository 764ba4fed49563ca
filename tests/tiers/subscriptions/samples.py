"""Subscribers' perks at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.tiers.subscriptions.subs_of import begin, offer
from tests.world import Shop


def _perks(shop: Shop) -> SaleInput:
    offer(shop, factor_bp=15_000, perk_bp=500)
    begin(shop)
    return SaleInput(
        lines=(
            LineInput(sku="MILK", net_minor=250_000, quantity_milli=2_000),
            LineInput(name="Cake", net_minor=40_000),
        )
    )


SAMPLES = (
    Sample(
        name="perks of subscribers",
        mechanics=("subscriptions",),
        kinds=("subscriptions.offer",),
        set_up=_perks,
        from_nothing=False,
    ),
)
