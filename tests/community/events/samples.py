"""A rule for who came to an event, for the contracts of all mechanics."""

from __future__ import annotations

from datetime import timedelta

from community.events.services import check_in
from loyalty.common.clock import now
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.community.events.events_of import published, says_yes
from tests.contracts.sample import Sample
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def _guests_earn(shop: Shop) -> SaleInput:
    event = published(shop, at=now() + timedelta(hours=1))
    seat = says_yes(shop, event)
    check_in(shop.call(), seat=seat.seat)
    earning(shop, audience=[{"fact": "events.attended", "op": "gte", "value": 1}])
    return SaleInput(
        lines=(
            LineInput(sku="CPS", net_minor=70_000, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (
    Sample(name="for guests of an event", mechanics=(), set_up=_guests_earn, from_nothing=False),
)
