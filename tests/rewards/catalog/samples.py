"""Vouchers at work, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.rewards.catalog.rewards_of import give, redeem, reward
from tests.world import Shop


def _voucher(shop: Shop) -> SaleInput:
    give(shop, 100)
    code = redeem(shop, reward(shop)).code
    lines = (
        LineInput(sku="latte", net_minor=90_000, quantity_milli=2000),
        LineInput(sku="tart", net_minor=35_000),
    )
    return SaleInput(lines=lines, use={"vouchers": [code]})


SAMPLES = (
    Sample(name="a free latte", mechanics=("catalog",), set_up=_voucher, from_nothing=False),
)
