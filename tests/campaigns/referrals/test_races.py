"""Two people decide about one referral at once, two jobs pay it at once: it happens once."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.referrals.models import Referral
from campaigns.referrals.services import (
    claim_code,
    give_code,
    look_after_referral,
    reject_referral,
    release_referral,
    reward_referrer,
)
from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import Refused
from loyalty.ledger.selectors import balances
from loyalty.outbox.relay import relay_due
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.services import NewMember, enrol_member
from tests.campaigns.donations.causes_of import rule
from tests.loyalty.commands.test_races import at_once
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def held_referral() -> tuple[Shop, Referral]:
    """Ana brought Bo, who bought; something looks wrong."""
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    values = {"referrer_points": 50, "friend_points": 20, "return_days": 0}
    rule(shop, "referrals.referral_programme", name="Bring a friend", **values)
    code = give_code(shop.call(), member=shop.member.public_id, device="phone").code
    person = NewMember(name="Bo", phone="0912345678", code=code, device="phone")
    bo = enrol_member(shop.call(), person=person).member
    record_purchase(shop.call(), member=bo, sale=SaleInput(total_minor=50_000))
    while relay_due():
        pass
    return shop, the_referral(shop)


def the_referral(shop: Shop) -> Referral:
    with in_programme(shop.programme):
        return Referral.objects.select_related("friend", "referrer").get()


def points(shop: Shop, member: Member) -> int:
    with in_programme(shop.programme):
        found = balances(holder_id=member.holder_id)
    return sum(one.balance for one in found if one.asset == "points")


def test_release_and_reject_at_once_are_one_decision() -> None:
    shop, row = held_referral()
    assert row.state == "held"

    def decide(number: int) -> Any:
        act = release_referral if number % 2 else reject_referral
        return act(shop.call(key=f"decide-{number}"), referral=row.public_id, note="Looked at it")

    answers = at_once(4, decide)
    done = [one for one in answers if not isinstance(one, Exception)]
    assert len(done) == 1, answers
    assert all(isinstance(one, Refused) for one in answers if one not in done)
    while relay_due():
        pass
    after = the_referral(shop)
    paid = 20 if after.state == "paid" else 0
    assert points(shop, row.friend) == paid
    assert points(shop, row.referrer) == (50 if paid else 0)


def test_jobs_at_once_pay_once() -> None:
    shop, row = held_referral()
    release_referral(shop.call(), referral=row.public_id, note="Sisters")

    def work(number: int) -> Any:
        call = Call(job_actor(shop.programme, f"job-{number}"), f"job-{number}")
        act = reward_referrer if number % 2 else look_after_referral
        return act(call, referral=row.public_id)

    answers = at_once(4, work)
    assert not [one for one in answers if isinstance(one, Exception)], answers
    while relay_due():
        pass
    assert (points(shop, row.friend), points(shop, row.referrer)) == (20, 50)


def test_two_codes_at_once_are_one_referral() -> None:
    shop, row = held_referral()
    dan = enrol_member(shop.call(), person=NewMember(name="Dan", phone="0912345679")).member
    codes = [
        give_code(shop.call(), member=one.public_id).code for one in (row.friend, row.referrer)
    ]

    def claim(number: int) -> Any:
        call = shop.call(key=f"claim-{number}")
        return claim_code(call, member=dan, code=codes[number % 2])

    answers = at_once(4, claim)
    assert len([one for one in answers if not isinstance(one, Exception)]) == 1, answers


def test_two_who_invite_each_other_at_once_make_one_referral() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    rule(shop, "referrals.referral_programme", name="Bring a friend", referrer_points=50)
    for turn in range(4):
        phones = (f"091234567{turn}", f"098765432{turn}")
        both = [enrol_member(shop.call(), person=NewMember(phone=one)).member for one in phones]
        codes = [give_code(shop.call(), member=one).code for one in both]

        def claim(number: int, both: list[str] = both, codes: list[str] = codes) -> str:
            call = shop.call()
            try:
                claim_code(call, member=both[number], code=codes[1 - number])
            except Refused as refused:
                return refused.code
            return "came"

        assert sorted(map(str, at_once(2, claim))) == ["came", "invited_by_you"]
