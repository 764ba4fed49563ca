"""A rule for a segment at work, for the contracts of all mechanics."""

from __future__ import annotations

from campaigns.segments.services import take_list
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.campaigns.segments.segments_of import fresh, segment
from tests.contracts.sample import Sample
from tests.rewards.points.rules_of import earning
from tests.world import Shop

_SALE = SaleInput(
    lines=(
        LineInput(sku="CPS", net_minor=70_000, quantity_milli=2_000),
        LineInput(sku="BSU", net_minor=32_000),
    )
)


def _live(shop: Shop) -> SaleInput:
    segment(shop, "new", conditions=[{"fact": "purchases.count", "op": "lte", "value": 200}])
    segment(shop, "news", conditions=[{"fact": "segment", "op": "in", "value": ["new"]}])
    earning(shop, audience=[{"fact": "segment", "op": "eq", "value": "news"}])
    return _SALE


def _frozen(shop: Shop) -> SaleInput:
    made = segment(
        shop,
        "listed",
        kind="frozen",
        conditions=[{"fact": "purchases.count", "op": "lte", "value": 200}],
    )
    take_list(shop.call(), segment=made.id)
    fresh(shop)
    earning(shop, audience=[{"fact": "segment", "op": "in", "value": ["listed"]}])
    return _SALE


SAMPLES = (
    Sample(name="for a live segment", mechanics=(), set_up=_live),
    Sample(name="for a frozen segment", mechanics=(), set_up=_frozen, from_nothing=False),
)
