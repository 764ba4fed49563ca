"""One code at many counters, and the last code for many members."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.partners.models import OfferCode, Redemption
from campaigns.partners.services.claiming import claim_offer
from campaigns.partners.services.partners import add_partner
from campaigns.partners.services.pools import import_codes
from campaigns.partners.services.redeeming import redeem_code
from loyalty.common.clock import now
from loyalty.common.errors import DomainError
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.campaigns.donations.causes_of import rule
from tests.loyalty.commands.test_races import at_once
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

MANY = 6


@pytest.fixture
def cafe() -> Shop:
    return make_shop("race", owner="ben@example.com", member="Ana")


def _offer(shop: Shop, **values: Any) -> str:
    partner = add_partner(shop.call(), code="bookshop", name="Bookshop").id
    return rule(shop, "partners.offer", name="Books", partner=partner, text_vi="Quà", **values)


def _members(shop: Shop) -> list[str]:
    with in_programme(shop.programme):
        return [
            Member.objects.create(
                holder=Holder.objects.create(), name=f"Card {n}", joined_at=now()
            ).public_id
            for n in range(MANY)
        ]


def _winners(answers: list[Any], code: str) -> int:
    errors = [one for one in answers if isinstance(one, Exception)]
    assert all(isinstance(one, DomainError) for one in errors), answers
    assert {one.code for one in errors} == {code}, answers
    return len(answers) - len(errors)


def test_one_code_at_many_counters(cafe: Shop) -> None:
    code = claim_offer(cafe.call(), member=cafe.member.public_id, offer=_offer(cafe)).code
    answers = at_once(MANY, lambda number: redeem_code(cafe.call(), code=code))
    assert _winners(answers, "code_used") == 1
    with in_programme(cafe.programme):
        assert Redemption.objects.count() == 1


@pytest.mark.parametrize("kind", ["pool", "total"])
def test_the_last_code_goes_to_one(cafe: Shop, kind: str) -> None:
    offer = _offer(cafe, **({"codes": "pool"} if kind == "pool" else {"total": 1}))
    if kind == "pool":
        import_codes(cafe.call(), offer=offer, codes=("LAST-1",))
    members = _members(cafe)
    answers = at_once(
        MANY, lambda number: claim_offer(cafe.call(), member=members[number], offer=offer)
    )
    assert _winners(answers, "out_of_stock") == 1
    with in_programme(cafe.programme):
        assert OfferCode.objects.count() == 1
