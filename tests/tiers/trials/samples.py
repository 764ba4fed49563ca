"""A purchase won by a trial, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.tiers.trials.trials_of import SKU, take, trial
from tests.world import Shop


def _bought_after_it(shop: Shop) -> SaleInput:
    trial(shop)
    take(shop, hand_over=True)
    return SaleInput(
        lines=(
            LineInput(sku=SKU, net_minor=118_000, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (
    Sample(
        name="bought after a trial",
        mechanics=("trials",),
        kinds=("trials.trial",),
        set_up=_bought_after_it,
        from_nothing=False,
    ),
)
