"""A rule that asks for an attribute, for the contracts of all mechanics."""

from __future__ import annotations

from campaigns.attributes.services import declare, set_values
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.contracts.sample import Sample
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def _lines(shop: Shop) -> SaleInput:
    declare(shop.call(), code="lines", kind="number", name_vi="số thuê bao", name_en="lines")
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    earning(shop, audience=[{"fact": "attribute.lines", "op": "gte", "value": 2}])
    set_values(shop.call(), member=shop.member.public_id, values={"lines": 2})
    return SaleInput(
        lines=(
            LineInput(sku="CPS", net_minor=70_000, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (Sample(name="for two lines", mechanics=(), set_up=_lines, from_nothing=False),)
