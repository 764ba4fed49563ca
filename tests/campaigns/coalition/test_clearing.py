"""Stories of a coalition of three shops: months cleared, closed, settled, and what comes after."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.coalition.models import ClearingPayment, Statement, StatementLine
from campaigns.coalition.selectors import month_instants
from campaigns.coalition.services import (
    change_settings,
    close_month,
    leave,
    record_payment,
    set_terms,
)
from loyalty.common.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused
from loyalty.ledger.clearing import period_total
from loyalty.sales.quotes import quote
from loyalty.sales.services import SaleInput, refund_purchase
from loyalty.tenancy.scope import in_programme
from tests.campaigns.coalition.coalition_of import Coalition, make_coalition, on
from tests.rewards.points.rules_of import earning
from tests.world import Shop


@pytest.fixture
def trio(shop: Shop) -> Coalition:
    return make_coalition(shop)


def test_earned_at_one_and_used_at_another(trio: Coalition) -> None:
    with on("2026-10-03"):
        trio.sell(trio.cafe, 400_000)  # 400 points: the café pays 4,000
    with on("2026-10-20"):
        trio.burn(trio.books, 300, total=300)  # the bookshop gets 2,700
    with on("2026-11-02"):
        assert trio.close("2026-10").sum_minor == 0
    assert trio.lines(trio.cafe, "2026-10") == [("issued", 400, -4_000)]
    assert trio.lines(trio.books, "2026-10") == [("redeemed", -300, 2_700)]
    assert trio.lines(trio.bakery, "2026-10") == []
    assert trio.positions("2026-10") == [-4_000, 0, 2_700, 1_300]
    assert trio.statement(trio.bakery, "2026-10").state == "settled"


def test_a_month_run_twice_is_the_same_and_closed_it_stays(trio: Coalition) -> None:
    with on("2026-10-03"):
        sold = trio.sell(trio.cafe, 400_000)
    with on("2026-11-02"):
        first = trio.run("2026-10")
        statement = trio.statement(trio.cafe, "2026-10").public_id
        assert trio.run("2026-10") == first
        assert trio.statement(trio.cafe, "2026-10").public_id == statement
        closed = trio.close("2026-10")
        assert closed.state == "closed"
        assert trio.run("2026-10") == closed
        assert close_month(trio.cafe.call(), run=closed.id) == closed
        refund_purchase(trio.cafe.call(), purchase=sold.purchase)
        assert trio.run("2026-10") == closed
    assert trio.lines(trio.cafe, "2026-10") == [("issued", 400, -4_000)]


def test_a_refund_after_settlement_is_an_adjustment_of_the_next_month(trio: Coalition) -> None:
    with on("2026-10-03"):
        sold = trio.sell(trio.bakery, 400_000)
    with on("2026-11-02"):
        trio.close("2026-10")
        row = trio.statement(trio.bakery, "2026-10")
        record_payment(
            trio.cafe.call(), statement=row.public_id, amount_minor=4_000, reference="VCB 1"
        )
        trio.terms(trio.bakery, issue_price_minor=20_000)
    with on("2026-11-10"):  # by the operator, at the old price, to the bakery's account
        refund_purchase(trio.cafe.call(), purchase=sold.purchase, amount_minor=100_000)
    with on("2026-12-01"):
        trio.close("2026-11")
    assert trio.lines(trio.bakery, "2026-11") == [("late_issue", -100, 1_000)]
    with in_programme(trio.cafe.programme):
        line = StatementLine.objects.get(kind="late_issue")
        assert (line.original, str(line.original_on)) == (sold.purchase, "2026-10-03")
    assert sum(trio.positions("2026-11")) == 0


def test_a_refund_within_the_month_is_taken_off(trio: Coalition) -> None:
    with on("2026-10-03"):
        sold = trio.sell(trio.cafe, 400_000)
        refund_purchase(trio.cafe.call(), purchase=sold.purchase, amount_minor=100_000)
    with on("2026-11-02"):
        trio.run("2026-10")
    assert trio.lines(trio.cafe, "2026-10") == [
        ("issued", 400, -4_000),
        ("taken_back", -100, 1_000),
    ]


def test_terms_changed_mid_month_count_from_their_day(trio: Coalition) -> None:
    with on("2026-10-10"):
        trio.sell(trio.cafe, 100_000)
        trio.terms(trio.cafe, issue_price_minor=20_000)
        trio.sell(trio.cafe, 100_000)  # still today's price
    with on("2026-10-11", hour=1):
        trio.sell(trio.cafe, 100_000)
    with on("2026-11-02"):
        trio.run("2026-10")
    assert trio.lines(trio.cafe, "2026-10") == [("issued", 200, -2_000), ("issued", 100, -2_000)]


def test_terms_do_not_overlap_and_the_past_stays(trio: Coalition) -> None:
    with on("2026-10-10"):
        with pytest.raises(Invalid):
            set_terms(
                trio.cafe.call(),
                merchant=trio.cafe.merchant.public_id,
                starts_on=_day("2026-10-10"),
            )
        trio.terms(trio.cafe, starts_on=_day("2026-10-20"))
        for day, code in (("2026-10-20", "terms_overlap"), ("2026-10-15", "terms_overlap")):
            with pytest.raises(Conflict) as refused:
                trio.terms(trio.cafe, starts_on=_day(day))
            assert refused.value.code == code
        with pytest.raises(Invalid):
            trio.terms(trio.cafe, issue_price_minor=-1, starts_on=_day("2026-11-01"))
    with pytest.raises(Forbidden):
        set_terms(trio.bakery.call(), merchant=trio.bakery.merchant.public_id)


def test_a_merchant_without_terms_gives_no_points(shop: Shop) -> None:
    trio = make_coalition(shop, with_terms=False)
    with on("2026-10-01"):
        trio.sell(trio.bakery, 50_000)  # nobody has terms yet: nothing is cleared
        trio.terms(trio.cafe)
        shop.programme.refresh_from_db()
        with pytest.raises(Refused) as refused:
            trio.sell(trio.bakery, 50_000)
        assert refused.value.code == "merchant_without_terms"
        with pytest.raises(Refused):
            quote(
                actor=trio.bakery.actor,
                member=shop.member.public_id,
                sale=SaleInput(total_minor=50_000),
            )
        trio.sell(trio.bakery, 500)  # no points in it, so nobody minds
        trio.sell(trio.cafe, 50_000)


def test_a_merchant_that_left_sells_no_more_and_its_points_stay_good(trio: Coalition) -> None:
    with on("2026-10-05"):
        sold = trio.sell(trio.bakery, 400_000)
        leave(trio.cafe.call(), merchant=trio.bakery.merchant.public_id)
        trio.sell(trio.bakery, 100_000)  # its last day
    with on("2026-10-06"):
        with pytest.raises(Refused) as refused:
            trio.sell(trio.bakery, 100_000)
        assert refused.value.code == "merchant_left"
        trio.burn(trio.books, 200, total=200)
        refund_purchase(trio.cafe.call(), purchase=sold.purchase, amount_minor=100_000)
        with pytest.raises(Refused):
            leave(trio.cafe.call(), merchant=trio.bakery.merchant.public_id)
    with on("2026-11-02"):
        trio.close("2026-10")
    assert trio.statement(trio.bakery, "2026-10").position_minor == -4_000
    assert trio.statement(trio.books, "2026-10").position_minor == 1_800


def test_a_payment_counts_once_and_is_exact(trio: Coalition) -> None:
    with on("2026-10-03"):
        trio.sell(trio.cafe, 400_000)
        trio.sell(trio.bakery, 400_000)
    with on("2026-11-02"):
        trio.run("2026-10")
        mine = trio.statement(trio.cafe, "2026-10").public_id
        theirs = trio.statement(trio.bakery, "2026-10").public_id

        def pay(statement: str, amount: int, reference: str) -> str:
            return record_payment(
                trio.cafe.call(), statement=statement, amount_minor=amount, reference=reference
            ).id

        with pytest.raises(Refused) as early:
            pay(mine, 4_000, "VCB 1")
        assert early.value.code == "month_not_closed"
        trio.close("2026-10")
        with pytest.raises(Refused) as wrong:
            pay(mine, 3_999, "VCB 1")
        assert wrong.value.params == {"due_minor": 4_000}
        first = pay(mine, 4_000, "VCB 1")
        assert pay(mine, 4_000, "VCB 1") == first
        for statement, amount in ((mine, 5_000), (theirs, 4_000)):
            with pytest.raises(Conflict):
                pay(statement, amount, "VCB 1")
        with pytest.raises(Refused) as again:
            pay(mine, 4_000, "VCB 2")
        assert again.value.code == "settled_already"
    with in_programme(trio.cafe.programme):
        assert ClearingPayment.objects.count() == 1
        assert Statement.objects.get(public_id=mine).state == "settled"


def test_months_are_closed_when_they_are_over_and_in_their_order(trio: Coalition) -> None:
    with on("2026-10-31", hour=23):
        trio.sell(trio.cafe, 100_000)
        with pytest.raises(Refused) as early:
            trio.close_alone("2026-10")
        assert early.value.code == "month_not_over"
        for wrong in ("2026-13", "soon", "2027-01"):
            with pytest.raises(Invalid):
                trio.run(wrong)
    with on("2026-11-01"):
        with pytest.raises(Refused) as refused:
            trio.close_alone("2026-10")
        assert refused.value.params == {"month": "2026-09"}
        trio.close("2026-09")
        trio.close("2026-10")
        with pytest.raises(NotFound):
            close_month(trio.cafe.call(), run="crn_nobody")
    assert trio.statement(trio.cafe, "2026-10").issued == 100


def test_who_issued_gets_the_money_of_expired_points_if_so_agreed(shop: Shop) -> None:
    trio = make_coalition(shop)
    with on("2026-09-02"):
        earning(
            shop,
            name="Short",
            per_minor=1_000,
            expiry_kind="rolling",
            expiry_count=10,
            expiry_unit="day",
        )
    with on("2026-10-01"):
        trio.sell(trio.bakery, 100_000)  # 200 points, half of them for ten days
    with on("2026-10-20"):
        trio.sell(trio.cafe, 1_000)  # what is due happens at whatever till comes next
    with on("2026-11-01"):
        trio.run("2026-10")
        assert trio.positions("2026-10")[1] == -2_000
        change_settings(shop.call(), breakage_to="issuer")
        trio.run("2026-10")
        assert ("expired", -100, 1_000) in trio.lines(trio.bakery, "2026-10")
        assert sum(trio.positions("2026-10")) == 0
        with pytest.raises(Invalid):
            change_settings(shop.call(), breakage_to="nobody")


def test_a_postpaid_sale_costs_no_query_more(trio: Coalition) -> None:
    with on("2026-10-01"):
        trio.sell(trio.cafe, 100_000)
        with CaptureQueriesContext(connection) as queries:
            trio.sell(trio.cafe, 100_000)
        assert not [one for one in queries if "coalition" in one["sql"]]


def test_random_histories_sum_to_zero_and_equal_the_ledger(trio: Coalition) -> None:
    luck = random.Random(20261001)
    sold: list[str] = []
    for month in ("2026-10", "2026-11"):
        for day in range(1, 29, 3):
            with on(f"{month}-{day:02}"):
                shop = luck.choice(trio.shops)
                what = luck.random()
                if what < 0.5 or not sold:
                    sold.append(trio.sell(shop, luck.randrange(1_000, 999_999)).purchase)
                elif what < 0.75:
                    with suppress(DomainError):  # too few points on the card
                        trio.burn(shop, luck.randrange(1, 20), total=luck.randrange(1, 9_999))
                else:
                    gone = sold.pop(luck.randrange(len(sold)))
                    refund_purchase(trio.cafe.call(), purchase=gone)
                if luck.random() < 0.2:
                    trio.terms(shop, issue_price_minor=luck.randrange(1, 30_000))
    with on("2026-12-01"):
        for month in ("2026-09", "2026-10", "2026-11"):
            assert trio.close(month).sum_minor == 0
            assert sum(trio.positions(month)) == 0
            with in_programme(trio.cafe.programme):
                since, until = month_instants(month, trio.cafe.programme.timezone)
                lines = StatementLine.objects.filter(statement__run__month=month)
                units = sum(one.units for one in lines.exclude(kind="prepaid"))
                assert units == period_total(asset="points", since=since, until=until)


def _day(text: str) -> date:
    return date.fromisoformat(text)
