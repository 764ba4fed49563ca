"""A rule that asks how many reviews a member has published, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def _quiet(shop: Shop) -> SaleInput:
    earning(shop, audience=[{"fact": "reviews.published", "op": "lt", "value": 5}])
    return SaleInput(
        lines=(
            LineInput(sku="CPS", net_minor=70_000, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (Sample(name="for who has few reviews", mechanics=(), set_up=_quiet),)
