"""Whatever comes back, in whatever order: points fall as they were earned, and no trick pays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from loyalty.ledger.verification import verify
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from rewards.points.services import adjust_points, change_settings
from tests.rewards.points.rules_of import buy, earning, multiplier, points
from tests.world import Shop

START = datetime(2026, 3, 1, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _ledger_is_right(shop: Shop) -> Any:
    yield
    with in_programme(shop.programme):
        assert not verify().findings


def _debt(result: Any) -> int:
    return next(one.debt for one in result.balances if one.asset == "points")


def test_partial_refunds_add_up_to_the_whole(shop: Shop) -> None:
    earning(shop, points=10, per_minor=100, proportional=True)
    multiplier(shop, factor_bp=15_000)
    bought = buy(shop, 99_999)
    assert points(bought) == 9_999 + 5_000 - 1
    taken = 0
    for part in (33_333, 1, 50_000, 16_665):
        done = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=part)
        taken -= sum(one.amount for one in done.effects)
    assert (taken, points(done), _debt(done)) == (points(bought), 0, 0)


def test_a_line_takes_back_what_it_brought(shop: Shop) -> None:
    earning(shop)
    bought = buy(
        shop,
        0,
        LineInput(sku="latte", net_minor=70_000, quantity_milli=2000),
        LineInput(sku="tart", net_minor=30_000),
    )
    one = refund_purchase(
        shop.call(), purchase=bought.purchase, lines=(LineRefund(number=1, quantity_milli=1000),)
    )
    assert points(one) == 10 - 3
    rest = refund_purchase(shop.call(), purchase=bought.purchase)
    assert points(rest) == 0


def test_a_bill_cannot_be_bought_for_its_star(shop: Shop) -> None:
    earning(shop, basis="fixed", points=1, minimum_minor=40_000)
    earning(shop, points=1, per_minor=40_000)
    bought = buy(shop, 80_000)
    assert points(bought) == 3
    kept = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=30_000)
    assert points(kept) == 3
    gone = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=49_999)
    assert points(gone) == 0
    last = refund_purchase(shop.call(), purchase=bought.purchase)
    assert points(last) == 0


def test_buying_and_returning_again_and_again_gains_nothing(shop: Shop) -> None:
    earning(shop)
    for amount in (100_000, 55_555, 10_000):
        bought = buy(shop, amount)
        refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=amount // 3)
        done = refund_purchase(shop.call(), purchase=bought.purchase)
        assert (points(done), _debt(done)) == (0, 0)


def test_spent_points_leave_a_debt_that_the_next_points_fill(shop: Shop) -> None:
    earning(shop)
    bought = buy(shop, 100_000)
    adjust_points(shop.call(), member=shop.member.public_id, amount=-8, text="Gift handed out")
    back = refund_purchase(shop.call(), purchase=bought.purchase)
    assert (points(back), _debt(back)) == (-8, 8)
    again = buy(shop, 50_000)
    assert (points(again), _debt(again)) == (-3, 3)
    more = buy(shop, 50_000)
    assert (points(more), _debt(more)) == (2, 0)


@pytest.mark.parametrize(("policy", "left"), [("share", [3, 3, 2, 0]), ("recount", [2, 2, 1, 0])])
def test_a_part_comes_back_in_proportion_or_what_stays_counts(
    shop: Shop, policy: str, left: list[int]
) -> None:
    shop.programme.partial_refund_policy = policy
    shop.programme.save()
    earning(shop, points=1, per_minor=40_000)
    bought = buy(shop, 125_000)
    seen = []
    for amount in (6_000, 35_000, 10_000, 74_000):
        back = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=amount)
        seen.append(points(back))
    assert seen == left


def test_or_the_shop_writes_them_off(shop: Shop) -> None:
    shop.programme.refund_policy = "write_off"
    shop.programme.save()
    earning(shop)
    bought = buy(shop, 100_000)
    adjust_points(shop.call(), member=shop.member.public_id, amount=-8, text="Gift handed out")
    back = refund_purchase(shop.call(), purchase=bought.purchase)
    assert (points(back), _debt(back)) == (0, 0)


def test_expired_points_are_not_charged_again(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, expiry_kind="rolling", expiry_count=30, expiry_unit="day")
        bought = buy(shop, 100_000)
        clock.shift(timedelta(days=40))
        half = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=50_000)
        rest = refund_purchase(shop.call(), purchase=bought.purchase)
        assert [(points(one), _debt(one)) for one in (half, rest)] == [(0, 0), (0, 0)]


def test_what_expired_is_set_against_refunds_once_only(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, expiry_kind="rolling", expiry_count=30, expiry_unit="day")
        bought = buy(shop, 100_000)
        adjust_points(shop.call(), member=shop.member.public_id, amount=-5, text="Handed out")
        clock.shift(timedelta(days=40))
        buy(shop, 1)  # the expiry is written down: the first half has nothing to post
        half = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=50_000)
        assert (points(half), _debt(half)) == (0, 0), "the five that died answer for this half"
        rest = refund_purchase(shop.call(), purchase=bought.purchase)
        assert (points(rest), _debt(rest)) == (-5, 5), "the five that were spent for the other"


def test_waiting_points_fall_before_they_ripen(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, wait_kind="days", wait_days=14)
        bought = buy(shop, 100_000)
        half = refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=50_000)
        assert half.balances[0].pending == 5
        clock.shift(timedelta(days=15))
        rest = refund_purchase(shop.call(), purchase=bought.purchase)
        assert (points(rest), _debt(rest)) == (0, 0)


def test_points_that_paid_come_back_with_their_first_date(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        change_settings(
            shop.call(),
            values={"pay_enabled": True, "value_minor": 1_000, "value_units": 1},
        )
        earning(shop, expiry_kind="rolling", expiry_count=60, expiry_unit="day")
        buy(shop, 1_000_000)
        clock.shift(timedelta(days=30))
        paid = buy(shop, 80_000, use={"points": 40})
        assert (paid.points_paid_minor, paid.to_pay_minor, points(paid)) == (40_000, 40_000, 64)
        half = refund_purchase(shop.call(), purchase=paid.purchase, amount_minor=40_000)
        # Half of what paid comes back, half of what was earned falls.
        assert points(half) == 64 + 20 - 2
        rest = refund_purchase(shop.call(), purchase=paid.purchase)
        assert points(rest) == 100
        clock.shift(timedelta(days=31))
        assert points(buy(shop, 1)) == 0


def test_a_shop_may_give_nothing_back(shop: Shop) -> None:
    shop.programme.spent_points_policy = "none"
    shop.programme.save()
    change_settings(shop.call(), values={"pay_enabled": True, "value_minor": 1_000})
    earning(shop)
    buy(shop, 1_000_000)
    paid = buy(shop, 40_000, use={"points": 40})
    assert points(paid) == 60
    assert points(refund_purchase(shop.call(), purchase=paid.purchase)) == 60
