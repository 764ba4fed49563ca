"""A sign-up bonus at work beside an offer, for the contracts of all mechanics."""

from __future__ import annotations

from campaigns.partners.services.partners import add_partner
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from tests.campaigns.donations.causes_of import rule
from tests.contracts.sample import Sample
from tests.world import Shop


def _bonus(shop: Shop) -> SaleInput:
    partner = add_partner(shop.call(), code="bookshop", name="Bookshop").id
    rule(shop, "partners.offer", name="Books", partner=partner, text_vi="Giảm 10%")
    rule(
        shop,
        "partners.signup_bonus",
        name="Welcome",
        spend_minor=100_000,
        months=3,
        points=1_000,
    )
    return SaleInput(
        lines=(
            LineInput(sku="CPS", net_minor=70_007, quantity_milli=2_000),
            LineInput(sku="BSU", net_minor=32_000),
        )
    )


SAMPLES = (
    Sample(
        name="a welcome bonus",
        mechanics=("partners",),
        kinds=("partners.offer", "partners.signup_bonus"),
        set_up=_bonus,
    ),
)
