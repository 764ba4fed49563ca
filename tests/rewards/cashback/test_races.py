"""Store credit at two tills, and at twenty, at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.common.errors import DomainError
from loyalty.ledger.verification import verify
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from tests.loyalty.commands.test_races import at_once
from tests.rewards.cashback.cashback_of import CREDIT, cashback, spending
from tests.rewards.points.rules_of import buy
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cafe() -> Shop:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    cashback(shop, categories=["first"])
    return shop


def _spend(shop: Shop, minor: int, tills: int) -> list[Any]:
    def work(number: int) -> Any:
        sale = SaleInput(total_minor=100_000, use={CREDIT: minor})
        return record_purchase(
            shop.call(key=f"till-{number}"), member=shop.member.public_id, sale=sale
        )

    answers = at_once(tills, work)
    assert all(isinstance(one, DomainError) for one in answers if isinstance(one, Exception))
    with in_programme(shop.programme):
        assert verify().findings == []
    return answers


def _held(shop: Shop, minor: int) -> None:
    buy(shop, 0, LineInput(net_minor=minor * 20, category="first"))


def test_of_two_tills_that_want_all_of_it_one_wins(cafe: Shop) -> None:
    spending(cafe, pay_minimum_minor=10_000)
    _held(cafe, 15_000)
    answers = _spend(cafe, 15_000, 2)
    paid = [one.credit_paid_minor for one in answers if not isinstance(one, Exception)]
    assert paid == [15_000]
    assert [one.code for one in answers if isinstance(one, DomainError)] == ["too_few_credit"]


def test_where_both_fit_both_pay(cafe: Shop) -> None:
    _held(cafe, 20_000)
    answers = _spend(cafe, 10_000, 2)
    assert [one.credit_paid_minor for one in answers] == [10_000, 10_000]


def test_twenty_tills_never_spend_more_than_there_is(cafe: Shop) -> None:
    spending(cafe, pay_minimum_minor=4_000)
    _held(cafe, 30_000)
    answers = _spend(cafe, 4_000, 20)
    paid = [one.credit_paid_minor for one in answers if not isinstance(one, Exception)]
    assert paid == [4_000] * 7
