"""A coalition's say in a sale, for the contracts of all mechanics."""

from __future__ import annotations

from campaigns.coalition.services import set_terms
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.rewards.points.rules_of import earning
from tests.world import Shop, add_shop


def _postpaid(shop: Shop) -> SaleInput:
    earning(shop)
    add_shop(shop, "Second", owner="eve@example.com")
    set_terms(
        shop.call(),
        merchant=shop.merchant.public_id,
        issue_price_minor=10_000,
        redeem_price_minor=9_000,
    )
    return SaleInput(
        lines=(
            LineInput(sku="CPS", net_minor=70_000, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (Sample(name="a sale in a coalition", mechanics=(), set_up=_postpaid),)
