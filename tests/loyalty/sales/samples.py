"""What members bought before, asked by a rule, for the contracts of all mechanics."""

from __future__ import annotations

from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def _first_sale_of_the_month(shop: Shop) -> SaleInput:
    earning(
        shop,
        audience=[
            {"fact": "purchases.count_30d", "op": "lte", "value": 100},
            {"fact": "purchases.spent_90d", "op": "lt", "value": 900_000_000},
            {"fact": "purchases.days_since", "op": "ne", "value": 400},
        ],
    )
    return SaleInput(
        lines=(
            LineInput(sku="CPS", net_minor=70_000, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (
    Sample(
        name="what was bought before",
        mechanics=(),
        set_up=_first_sale_of_the_month,
    ),
)
