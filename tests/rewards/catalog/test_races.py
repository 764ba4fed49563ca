"""Twenty at once: one balance, one voucher, one last piece on the shelf, one code."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.common.errors import DomainError, Refused
from loyalty.ledger.verification import verify
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from rewards.catalog.models import Reward, Voucher
from rewards.catalog.services import import_codes, redeem_reward, use_voucher
from tests.loyalty.commands.test_races import at_once
from tests.rewards.catalog.rewards_of import give, points, redeem, reward
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

TWENTY = 20


def winners(answers: list[Any]) -> list[Any]:
    """Those that went through; the others must have been refused and not have failed."""
    assert all(isinstance(one, DomainError) for one in answers if isinstance(one, Exception)), (
        answers
    )
    return [one for one in answers if not isinstance(one, Exception)]


@pytest.fixture
def cafe() -> Shop:
    return make_shop("race", owner="ben@example.com", member="Ana")


def test_twenty_redemptions_against_a_balance_for_one(cafe: Shop) -> None:
    wanted = reward(cafe)
    give(cafe, 150)

    def work(number: int) -> Any:
        return redeem_reward(
            cafe.call(key=f"redeem-{number}"), member=cafe.member.public_id, reward=wanted
        )

    answers = at_once(TWENTY, work)
    assert [points(one) for one in winners(answers)] == [50]
    codes = {one.code for one in answers if isinstance(one, DomainError)}
    assert codes == {"insufficient_balance"}
    with in_programme(cafe.programme):
        assert Voucher.objects.count() == 1
        assert verify().findings == []


def test_twenty_scans_of_one_voucher(cafe: Shop) -> None:
    give(cafe, 100)
    code = redeem(cafe, reward(cafe, kind="gift", skus=())).code

    def work(number: int) -> Any:
        if number % 2:
            return use_voucher(cafe.call(key=f"use-{number}"), code=code)
        sale = SaleInput(total_minor=50_000, use={"vouchers": [code]})
        return record_purchase(
            cafe.call(key=f"buy-{number}"), member=cafe.member.public_id, sale=sale
        )

    answers = at_once(TWENTY, work)
    assert len(winners(answers)) == 1, answers
    assert {one.code for one in answers if isinstance(one, Refused)} == {"voucher_used"}


def test_the_last_piece_goes_to_one_of_twenty_members(cafe: Shop) -> None:
    wanted = reward(cafe, kind="external_code", skus=(), stock=1)
    import_codes(cafe.call(), reward=wanted, codes=tuple(f"CODE-{n}" for n in range(3)))
    with in_programme(cafe.programme):
        people = [
            Member.objects.create(
                holder=Holder.objects.create(), name=f"M{n}", joined_at=cafe.member.joined_at
            )
            for n in range(TWENTY)
        ]
    first = cafe.member
    for person in people:
        cafe.member = person
        give(cafe, 100)
    cafe.member = first

    def work(number: int) -> Any:
        return redeem_reward(
            cafe.call(key=f"redeem-{number}"), member=people[number].public_id, reward=wanted
        )

    answers = at_once(TWENTY, work)
    assert len(winners(answers)) == 1, answers
    with in_programme(cafe.programme):
        assert Reward.objects.get().stock_left == 0
        assert verify().findings == []
