"""A contest beside a rule for buying, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.community.contests.test_contests import opened
from tests.contracts.sample import Sample
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def _beside_points(shop: Shop) -> SaleInput:
    opened(shop)
    earning(shop)
    return SaleInput(
        lines=(
            LineInput(sku="CPS", net_minor=70_000, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (Sample(name="while a contest is open", mechanics=(), set_up=_beside_points),)
