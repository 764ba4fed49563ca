"""Referrals at work, for the contracts of all mechanics: Ana came by a friend, and buys."""

from __future__ import annotations

from campaigns.referrals.services import claim_code, give_code
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from members.profiles.services import NewMember, enrol_member
from tests.contracts.sample import Sample
from tests.world import Shop

_BASKET = SaleInput(
    lines=(
        LineInput(sku="coffee", net_minor=180_000, quantity_milli=4_000),
        LineInput(sku="tea", net_minor=70_000, quantity_milli=2_000),
    )
)


def _invited(shop: Shop) -> SaleInput:
    values = {
        "name": "Bring a friend",
        "referrer_points": 50,
        "friend_points": 20,
        "friend_credit_minor": 10_000,
        "minimum_minor": 100_000,
    }
    draft = create_rule(shop.call(), kind="referrals.referral_programme", values=values)
    publish_rule(shop.call(), rule=draft.rule)
    bao = enrol_member(shop.call(), person=NewMember(name="Bao", phone="0912345678")).member
    code = give_code(shop.call(), member=bao).code
    claim_code(shop.call(), member=shop.member.public_id, code=code)
    return _BASKET


SAMPLES = (
    Sample(
        name="a friend's first purchase",
        mechanics=("referrals",),
        kinds=("referrals.referral_programme",),
        set_up=_invited,
        from_nothing=False,
    ),
)
