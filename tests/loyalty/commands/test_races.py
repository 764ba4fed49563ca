"""Two tills, two tabs, a retry on a slow line: whatever comes twice at once happens once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from loyalty.common.errors import Conflict
from loyalty.sales.models import Purchase
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def at_once(times: int, work: Callable[[int], Any]) -> list[Any]:
    """Run ``work`` in as many threads at once; answers or errors in order."""

    def one(number: int) -> Any:
        try:
            return work(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_a_sale_sent_five_times_at_once_is_recorded_once() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")

    def sell(_number: int) -> Any:
        return record_purchase(
            shop.call(key="same"),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=50_000, receipt="R-1"),
        )

    answers = at_once(5, sell)
    assert all(answer == answers[0] for answer in answers), answers
    assert purchases(shop) == 1


def test_one_receipt_from_five_tills_is_one_purchase() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")

    def sell(number: int) -> Any:
        return record_purchase(
            shop.call(key=f"till-{number}"),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=50_000, receipt="R-1"),
        )

    answers = at_once(5, sell)
    assert len({answer.purchase for answer in answers}) == 1, answers
    assert [answer.duplicate for answer in answers].count(False) == 1
    assert purchases(shop) == 1


def test_refunds_at_once_never_exceed_the_purchase() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")
    bought = record_purchase(
        shop.call(), member=shop.member.public_id, sale=SaleInput(total_minor=100_000)
    )

    def refund(number: int) -> Any:
        return refund_purchase(
            shop.call(key=f"refund-{number}"), purchase=bought.purchase, amount_minor=40_000
        )

    answers = at_once(5, refund)
    done = [answer for answer in answers if not isinstance(answer, Exception)]
    assert [answer.amount_minor for answer in done] == [40_000, 40_000], answers


def test_one_key_for_two_bodies_at_once_lets_one_win() -> None:
    shop = make_shop("race", owner="ben@example.com", member="Ana")

    def sell(number: int) -> Any:
        return record_purchase(
            shop.call(key="same"),
            member=shop.member.public_id,
            sale=SaleInput(total_minor=1_000 + number),
        )

    answers = at_once(4, sell)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3, answers
    assert purchases(shop) == 1


def purchases(shop: Shop) -> int:
    with in_programme(shop.programme):
        return Purchase.objects.count()
