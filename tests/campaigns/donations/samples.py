"""Donations at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.campaigns.donations.causes_of import cause, gives
from tests.contracts.sample import Sample
from tests.world import Shop

_BASKET = SaleInput(
    lines=(
        LineInput(sku="notebook", net_minor=70_007, quantity_milli=7_000),
        LineInput(sku="pen", net_minor=9_999, quantity_milli=3_000),
    )
)


def _shares(shop: Shop) -> SaleInput:
    library = cause(shop)
    gives(shop, library, "percent", share_bp=150)
    gives(shop, library, "purchase", amount_minor=1_001)
    return _BASKET


def _items(shop: Shop) -> SaleInput:
    library = cause(shop)
    gives(shop, library, "item", amount_minor=100, per_items=4, skus=["notebook"])
    gives(shop, library, "one_for_one")
    return _BASKET


SAMPLES = (
    Sample(
        name="a share for a library",
        mechanics=("donations",),
        kinds=("donations.cause", "donations.donation"),
        set_up=_shares,
    ),
    Sample(
        name="one rupee for four notebooks",
        mechanics=("donations",),
        kinds=("donations.cause", "donations.donation"),
        set_up=_items,
    ),
)
