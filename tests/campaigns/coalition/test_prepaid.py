"""Prepaid blocks: bought, used earliest first, empty in the middle of a sale, warned of, paid back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.coalition import selectors
from campaigns.coalition.models import PrepaidAccount, PrepaidBlock, StatementLine
from campaigns.coalition.services import buy_block, leave, refund_rest
from loyalty.common.clock import now
from loyalty.common.errors import Conflict, DomainError, Invalid, Refused
from loyalty.outbox.models import Event
from loyalty.outbox.relay import relay_due
from loyalty.sales.models import Purchase
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.campaigns.coalition.coalition_of import Coalition, make_coalition, on
from tests.loyalty.commands.test_races import at_once
from tests.world import Shop, make_shop


def prepaid(trio: Coalition, *, when_empty: str, points: int = 100, minimum: int = 0) -> None:
    """The bakery pays in advance from October on; a block of so many points at 1,000 in all."""
    with on("2026-09-30"):
        trio.terms(trio.bakery, billing="prepaid", when_empty=when_empty, minimum=minimum)
        block(trio, points=points)


def block(trio: Coalition, **values: Any) -> Any:
    values = {"points": 100, "price_minor": 1_000, "reference": "B1", **values}
    return buy_block(trio.cafe.call(), merchant=trio.bakery.merchant.public_id, **values)


def left(trio: Coalition) -> int:
    with in_programme(trio.cafe.programme):
        return PrepaidAccount.objects.get(merchant=trio.bakery.merchant).left


@pytest.fixture
def trio(shop: Shop) -> Coalition:
    return make_coalition(shop)


def test_a_sale_that_empties_the_block_is_refused_whole(trio: Coalition) -> None:
    prepaid(trio, when_empty="refuse")
    with on("2026-10-02"):
        trio.sell(trio.bakery, 70_000)
        with pytest.raises(Refused) as refused:
            trio.sell(trio.bakery, 40_000)
        assert refused.value.code == "prepaid_exhausted"
        assert left(trio) == 30
        with in_programme(trio.cafe.programme):
            assert Purchase.objects.count() == 1
        trio.sell(trio.bakery, 30_000)
        assert left(trio) == 0
    with on("2026-11-01"):
        trio.close("2026-09")
        trio.close("2026-10")
    assert trio.lines(trio.bakery, "2026-10") == [("issued", 100, -1_000), ("prepaid", 100, 1_000)]
    assert trio.positions("2026-10") == [0, 0, 0, 0]


def test_or_issued_whole_and_the_rest_billed(trio: Coalition) -> None:
    prepaid(trio, when_empty="bill")
    with on("2026-10-02"):
        trio.sell(trio.bakery, 130_000)
        assert left(trio) == -30
    with on("2026-11-01"):
        trio.close("2026-09")
        trio.close("2026-10")
        row = trio.statement(trio.bakery, "2026-10")
        assert (row.covered, row.billed, row.position_minor) == (100, 30, -300)
        assert left(trio) == 0  # what is billed is paid for
        block(trio, reference="B2")
        trio.sell(trio.bakery, 40_000)
        assert left(trio) == 60
    with on("2026-12-01"):
        trio.close("2026-11")
    assert trio.statement(trio.bakery, "2026-11").covered == 40
    assert trio.statement(trio.bakery, "2026-11").position_minor == 0
    assert left(trio) == 60


def test_a_refund_puts_points_back_into_the_block(trio: Coalition) -> None:
    prepaid(trio, when_empty="refuse")
    with on("2026-10-02"):
        sold = trio.sell(trio.bakery, 100_000)
        refund_purchase(trio.bakery.call(), purchase=sold.purchase, amount_minor=40_000)
        assert left(trio) == 40
    with on("2026-11-01"):
        trio.close("2026-09")
        trio.close("2026-10")
        assert left(trio) == 40
    with on("2026-11-05"):  # after the month was settled
        refund_purchase(trio.bakery.call(), purchase=sold.purchase, amount_minor=10_000)
    with on("2026-12-01"):
        trio.close("2026-11")
    row = trio.statement(trio.bakery, "2026-11")
    assert (row.covered, row.position_minor) == (-10, 0)
    assert left(trio) == 50


def test_the_shop_and_the_operator_hear_once_that_little_is_left(
    trio: Coalition, mailoutbox: list[EmailMessage]
) -> None:
    prepaid(trio, when_empty="refuse", minimum=40)
    with on("2026-10-02"):
        for total in (50_000, 15_000, 5_000):
            trio.sell(trio.bakery, total)
            while relay_due():
                pass
        with in_programme(trio.cafe.programme):
            told = Event.objects.filter(type="coalition.prepaid_low")
            assert [one.data["points_left"] for one in told] == [35]
            assert told[0].merchant_id == trio.bakery.merchant.pk
            assert [one.merchant for one in selectors.low_accounts()] == [trio.bakery.merchant]
    told_to = sorted(address for letter in mailoutbox for address in letter.to)
    assert told_to == sorted([trio.cafe.staff.user.email, "eve@example.com"])
    assert all("35" in str(letter.body) for letter in mailoutbox)


def test_a_block_counts_once_and_is_never_negative(trio: Coalition) -> None:
    prepaid(trio, when_empty="refuse")
    with on("2026-10-01"):
        assert block(trio).points_left == 100
        with pytest.raises(Conflict):
            block(trio, points=200)
        for wrong in ({"points": -5}, {"points": 0}, {"price_minor": -1}, {"reference": " "}):
            with pytest.raises(Invalid):
                block(trio, **{"reference": "B9", **wrong})
    with in_programme(trio.cafe.programme):
        assert PrepaidBlock.objects.count() == 1


def test_who_leaves_gets_the_rest_back_at_what_it_cost(trio: Coalition) -> None:
    prepaid(trio, when_empty="refuse")
    bakery = trio.bakery.merchant.public_id
    with on("2026-10-01"):
        block(trio, reference="B2", points=50, price_minor=2_000)
        trio.sell(trio.bakery, 120_000)
        with pytest.raises(Refused) as early:
            refund_rest(trio.cafe.call(), merchant=bakery, reference="R1")
        assert early.value.code == "not_left"
        leave(trio.cafe.call(), merchant=bakery)
    with on("2026-10-02"):
        with pytest.raises(Conflict) as used:
            refund_rest(trio.cafe.call(), merchant=bakery, reference="B2")
        assert (used.value.code, used.value.field) == ("reference_used", "reference")
        done = refund_rest(trio.cafe.call(), merchant=bakery, reference="R1")
        assert (done.points, done.price_minor, done.points_left) == (-30, -1_200, 0)
        assert refund_rest(trio.cafe.call(), merchant=bakery, reference="R1").id == done.id
        with pytest.raises(Refused) as again:
            refund_rest(trio.cafe.call(), merchant=bakery, reference="R2")
        assert again.value.code == "nothing_left"
    with on("2026-11-01"):
        trio.close("2026-09")
        trio.close("2026-10")
    assert trio.statement(trio.bakery, "2026-10").covered == 120
    assert left(trio) == 0


def test_a_sale_refunded_after_its_shop_left_is_paid_back_to_it_too(trio: Coalition) -> None:
    prepaid(trio, when_empty="refuse")
    bakery = trio.bakery.merchant.public_id
    with on("2026-10-02"):
        sold = trio.sell(trio.bakery, 40_000)
        leave(trio.cafe.call(), merchant=bakery)
    with on("2026-10-05"):
        done = refund_rest(trio.cafe.call(), merchant=bakery, reference="R1")
        assert (done.points, done.points_left) == (-60, 0)
        refund_purchase(trio.bakery.call(), purchase=sold.purchase, amount_minor=10_000)
        assert refund_rest(trio.cafe.call(), merchant=bakery, reference="R2").points == -10
        with pytest.raises(Refused) as gone:
            block(trio, reference="B3")
        assert gone.value.code == "merchant_left"
    with on("2026-11-01"):
        trio.close("2026-10")
    assert left(trio) == 0
    assert trio.statement(trio.bakery, "2026-10").position_minor == 0


def test_points_of_two_prices_are_paid_for_at_each_and_told_without_one(trio: Coalition) -> None:
    prepaid(trio, when_empty="refuse")
    with on("2026-10-02"):
        trio.sell(trio.bakery, 40_000)
        trio.terms(trio.bakery, issue_price_minor=20_000, billing="prepaid", when_empty="refuse")
    with on("2026-10-03"):
        trio.sell(trio.bakery, 10_000)
    with on("2026-11-01"):
        trio.close("2026-10")
    assert ("prepaid", 50, 600) in trio.lines(trio.bakery, "2026-10")
    with in_programme(trio.cafe.programme):
        line = StatementLine.objects.get(kind="prepaid", statement__run__month="2026-10")
    assert line.price_minor == 0


def test_a_prepaid_sale_costs_one_query_more(trio: Coalition) -> None:
    prepaid(trio, when_empty="refuse")
    with on("2026-10-01"):
        trio.sell(trio.bakery, 10_000)
        with CaptureQueriesContext(connection) as queries:
            trio.sell(trio.bakery, 10_000)
        assert len([one for one in queries if "coalition_" in one["sql"]]) == 1


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("when_empty", "sold"), [("refuse", 1), ("bill", 2)])
def test_two_sales_at_once_for_the_last_points(when_empty: str, sold: int) -> None:
    trio = make_coalition(make_shop("race", owner="ben@example.com", member="Ana"))
    prepaid(trio, when_empty=when_empty)
    trio.cafe.programme.refresh_from_db()

    with in_programme(trio.cafe.programme):
        other = Member.objects.create(holder=Holder.objects.create(), name="Bo", joined_at=now())
    buyers = [trio.bakery.member, other]

    def work(number: int) -> Any:
        return record_purchase(
            trio.bakery.call(),
            member=buyers[number].public_id,
            sale=SaleInput(total_minor=60_000),
        )

    answers = at_once(2, work)
    refused = [one for one in answers if isinstance(one, DomainError)]
    assert [one.code for one in refused] == ["prepaid_exhausted"] * (2 - sold)
    assert left(trio) == 100 - 60 * sold


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_a_month_drawn_up_twice_at_once_is_one_month() -> None:
    trio = make_coalition(make_shop("race", owner="ben@example.com", member="Ana"))
    with on("2026-10-02"):
        trio.sell(trio.bakery, 60_000)

    def work(_number: int) -> Any:
        with on("2026-11-02"):
            return trio.run("2026-10")

    answers = at_once(2, work)
    assert all(not isinstance(one, Exception) or isinstance(one, DomainError) for one in answers)
    with on("2026-11-02"):
        trio.close("2026-09")
        trio.close("2026-10")
    assert trio.positions("2026-10") == [0, -600, 0, 600]
