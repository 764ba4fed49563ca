"""Money back: what a sale gives, when it can be spent, what it pays, and what refunds make of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from loyalty.common.clock import now, played_at
from loyalty.common.errors import Conflict, DomainError, Invalid, Refused, Several
from loyalty.engine.models import RuleBudget
from loyalty.engine.publishing import create_rule, end_rule
from loyalty.ledger.models import Asset, Lot
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.sales.models import Purchase
from loyalty.sales.quotes import quote
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from rewards.cashback.models import CashbackRule
from rewards.points.services import change_settings
from tests.forms import form_values
from tests.rewards.cashback.cashback_of import (
    CREDIT,
    available,
    cashback,
    credit,
    earned,
    spending,
)
from tests.rewards.catalog.rewards_of import give, redeem, reward, the_voucher
from tests.rewards.discounts.discounts_of import discount, line
from tests.rewards.points.rules_of import buy, earning, points
from tests.world import Shop, make_shop

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(autouse=True)
def _books_balance(shop: Shop) -> Any:
    yield
    with in_programme(shop.programme):
        assert verify().findings == []


def _on(month: int, day: int) -> Any:
    return played_at(datetime(2026, month, day, 10, tzinfo=ZONE))


# --- earning --------------------------------------------------------------------------------------


def test_five_percent_back_as_money(shop: Shop) -> None:
    cashback(shop)
    done = buy(shop, 200_000)
    assert (credit(done), earned(done)) == (10_000, {"Cashback": 10_000})
    with in_programme(shop.programme):
        asset = Asset.objects.get(code=CREDIT)
        assert (asset.kind, asset.value_minor, asset.value_units) == ("money", 1, 1)


@pytest.mark.parametrize(("rounding", "back"), [("floor", 16), ("half_up", 17), ("ceil", 17)])
def test_a_fraction_of_a_dong_is_rounded_as_declared(shop: Shop, rounding: str, back: int) -> None:
    cashback(shop, rounding=rounding)
    assert credit(buy(shop, 333)) == back


def test_the_dearer_rule_first_and_no_line_twice(shop: Shop) -> None:
    cashback(shop, name="All", rate_bp=100)
    cashback(shop, name="Groceries", rate_bp=300, categories=["groceries"])
    done = buy(shop, 0, line(100_000, category="groceries"), line(50_000))
    assert earned(done) == {"Groceries": 3_000, "All": 500}


def test_a_bonus_adds_to_the_rest(shop: Shop) -> None:
    cashback(shop, name="All", rate_bp=100)
    cashback(shop, name="Gold", rate_bp=50, stacks=True)
    assert earned(buy(shop, 100_000)) == {"All": 1_000, "Gold": 500}


def test_five_percent_up_to_a_sum_a_month_then_one_percent(shop: Shop) -> None:
    """5% up to 20,000 a month, the rest 1%: what the cap leaves over falls to the next rule."""
    cashback(shop, name="5%", priority=5, limits=[{"maximum": 20_000, "period": "month"}])
    cashback(shop, name="1%", rate_bp=100)
    with _on(3, 1):
        assert earned(buy(shop, 300_000)) == {"5%": 15_000}
    with _on(3, 20):
        assert earned(buy(shop, 300_000)) == {"5%": 5_000, "1%": 2_000}
        assert earned(buy(shop, 300_000)) == {"1%": 3_000}
    with _on(4, 1):
        assert earned(buy(shop, 300_000)) == {"5%": 15_000}


def test_what_is_refunded_within_the_month_can_be_earned_again(shop: Shop) -> None:
    cashback(shop, name="5%", priority=5, limits=[{"maximum": 20_000, "period": "month"}])
    cashback(shop, name="1%", rate_bp=100)
    first = buy(shop, 400_000)
    refund_purchase(shop.call(), purchase=first.purchase)
    assert earned(buy(shop, 400_000)) == {"5%": 20_000}


def test_a_cap_for_one_sale_and_a_day_and_a_budget(shop: Shop) -> None:
    cashback(shop, cap_minor=8_000, limits=[{"maximum": 12_000}], budget=1_000_000)
    assert credit(buy(shop, 1_000_000)) == 8_000
    assert credit(buy(shop, 1_000_000)) == 12_000
    assert earned(buy(shop, 1_000_000)) == {}
    with in_programme(shop.programme):
        assert RuleBudget.objects.get().spent == 12_000


def test_a_minimum_spend_and_what_a_return_below_it_takes(shop: Shop) -> None:
    cashback(shop, minimum_minor=500_000)
    assert earned(buy(shop, 499_999)) == {}
    done = buy(shop, 0, line(499_999), line(1))
    assert credit(done) == 25_000
    back = refund_purchase(shop.call(), purchase=done.purchase, lines=(LineRefund(number=1),))
    assert credit(back) == 0, "a bill cannot be bought for its cashback and returned but for a dong"


def test_on_what_is_left_after_discounts_points_and_vouchers(shop: Shop) -> None:
    give(shop, 200)
    change_settings(shop.call(), values={"pay_enabled": True, "value_minor": 1_000})
    redeem(shop, reward(shop, kind="amount_off", value_minor=30_000))
    discount(shop)
    cashback(shop)
    use = {"points": 20, "vouchers": [the_voucher(shop).code]}
    done = buy(shop, 0, line(200_000), use=use)
    assert done.to_pay_minor == 180_000 - 30_000 - 20_000
    assert credit(done) == 130_000 * 5 // 100


# --- waiting and dying ----------------------------------------------------------------------------


def test_it_waits_through_the_return_window(shop: Shop) -> None:
    cashback(shop, wait_kind="days", wait_days=14)
    with _on(3, 1):
        done = buy(shop, 200_000)
        assert (credit(done), available(done)) == (10_000, 0)
        with pytest.raises(Refused, match="too_few_credit"):
            buy(shop, 50_000, use={CREDIT: 1_000})
    with _on(3, 16):
        paid = buy(shop, 50_000, use={CREDIT: 10_000})
        assert (paid.credit_paid_minor, paid.to_pay_minor) == (10_000, 40_000)


def test_a_return_in_the_window_takes_the_waiting_part(shop: Shop) -> None:
    cashback(shop, wait_kind="days", wait_days=14)
    with _on(3, 1):
        done = buy(shop, 0, line(60_000), line(40_000))
    with _on(3, 5):
        back = refund_purchase(shop.call(), purchase=done.purchase, lines=(LineRefund(number=1),))
    assert (credit(back), available(back)) == (2_000, 0)


def test_it_may_expire(shop: Shop) -> None:
    cashback(shop, expiry_kind="rolling", expiry_count=6, expiry_unit="month")
    with _on(1, 31):
        assert credit(buy(shop, 100_000)) == 5_000
    with played_at(datetime(2026, 8, 1, 1, tzinfo=ZONE)):
        assert credit(buy(shop, 1)) == 0


# --- paying ---------------------------------------------------------------------------------------


@pytest.fixture
def rich(shop: Shop) -> Shop:
    """Ana has 50,000 of store credit; from now on nothing is given."""
    rule = cashback(shop)
    buy(shop, 1_000_000)
    end_rule(shop.call(), rule=rule.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    return shop


def test_the_cashier_chooses_how_much(rich: Shop) -> None:
    paid = buy(rich, 80_000, use={CREDIT: 12_345})
    assert (paid.credit_paid_minor, paid.to_pay_minor, credit(paid)) == (12_345, 67_655, 37_655)


@pytest.mark.parametrize("asked", [-1, 10**15])
def test_an_amount_nobody_can_pay_with_is_out_of_range_at_its_place(rich: Shop, asked: int) -> None:
    with pytest.raises(Invalid) as refusal:
        buy(rich, 80_000, use={CREDIT: asked})
    assert (refusal.value.code, refusal.value.field) == ("out_of_range", f"use.{CREDIT}")


def test_it_never_pays_more_than_the_bill(rich: Shop) -> None:
    paid = buy(rich, 20_000, use={CREDIT: 50_000})
    assert (paid.to_pay_minor, credit(paid)) == (0, 30_000)


def test_it_pays_delivery_too_but_no_gift_card_and_no_tip(rich: Shop) -> None:
    bill = (
        line(10_000),
        line(15_000, kind="shipping"),
        line(200_000, kind="gift_card"),
        line(5_000, kind="tip"),
    )
    paid = buy(rich, 0, *bill, use={CREDIT: 50_000})
    assert (paid.credit_paid_minor, paid.to_pay_minor) == (25_000, 205_000)


def test_a_rule_says_from_when_in_which_steps_and_how_much_of_a_bill(rich: Shop) -> None:
    spending(rich, pay_minimum_minor=20_000, pay_step_minor=1_000, cap_bp=5_000)
    assert buy(rich, 60_000, use={CREDIT: 45_678}).credit_paid_minor == 30_000
    with pytest.raises(Refused, match="too_few_credit") as caught:
        buy(rich, 60_000, use={CREDIT: 19_999})
    assert "20.000" in str(caught.value.message) or "20,000" in str(caught.value.message)
    assert caught.value.params == {"maximum": 20_000, "available": 20_000, "minimum": 20_000}


def test_after_vouchers_and_points(rich: Shop) -> None:
    give(rich, 110)
    change_settings(rich.call(), values={"pay_enabled": True, "value_minor": 1_000})
    redeem(rich, reward(rich, kind="percent_off", value_bp=1_000, skus=()))
    use = {CREDIT: 50_000, "points": 10, "vouchers": [the_voucher(rich).code]}
    paid = buy(rich, 60_000, use=use)
    assert paid.vouchers_paid_minor == 6_000, "a percentage of the bill, whatever pays the rest"
    assert (paid.points_paid_minor, paid.credit_paid_minor, paid.to_pay_minor) == (
        10_000,
        44_000,
        0,
    )


def test_nothing_is_earned_on_what_it_paid(rich: Shop) -> None:
    cashback(rich)
    earning(rich, points=1, per_minor=1_000)
    paid = buy(rich, 80_000, use={CREDIT: 50_000})
    assert (earned(paid), points(paid)) == ({"Cashback": 1_500}, 30)


def test_a_quote_foretells_it(rich: Shop) -> None:
    sale = SaleInput(total_minor=80_000, use={CREDIT: 30_000})
    told = quote(actor=rich.actor, member=rich.member.public_id, sale=sale)
    assert (told.credit_paid_minor, told.to_pay_minor, credit(told)) == (30_000, 50_000, 20_000)


@pytest.mark.parametrize("asked", [-1, 1.5, True, "700", 10**15])
def test_absurd_amounts_are_refused(rich: Shop, asked: object) -> None:
    with pytest.raises(Invalid) as caught:
        buy(rich, 100_000, use={CREDIT: asked})
    assert caught.value.field == f"use.{CREDIT}"


def test_where_there_is_no_cashback_nothing_is_taken(shop: Shop) -> None:
    with pytest.raises(Refused, match="cannot_be_used"):
        buy(shop, 100_000, use={CREDIT: 10})


def test_the_same_till_twice_under_one_key_pays_once(rich: Shop) -> None:
    sale = SaleInput(total_minor=80_000, use={CREDIT: 30_000})
    first, again = (
        record_purchase(rich.call(key="once"), member=rich.member.public_id, sale=sale)
        for _ in range(2)
    )
    assert first == again
    with pytest.raises(Conflict):
        record_purchase(
            rich.call(key="once"),
            member=rich.member.public_id,
            sale=SaleInput(total_minor=80_000, use={CREDIT: 30_001}),
        )


# --- refunds --------------------------------------------------------------------------------------


def test_what_credit_paid_comes_back_as_credit_with_its_first_dates(shop: Shop) -> None:
    cashback(shop, expiry_kind="rolling", expiry_count=6, expiry_unit="month")
    with _on(1, 10):
        buy(shop, 1_000_000)
    with _on(3, 1):
        paid = buy(shop, 80_000, use={CREDIT: 30_000})
    with _on(3, 2):
        back = refund_purchase(shop.call(), purchase=paid.purchase)
    assert (back.amount_minor, back.cash_minor, credit(back)) == (80_000, 50_000, 50_000)
    with in_programme(shop.programme):
        dates = set(Lot.objects.filter(remaining__gt=0).values_list("expires_at", flat=True))
    assert len(dates) == 1
    assert next(iter(dates)).astimezone(ZONE).date().isoformat() == "2026-07-11"


def test_money_is_given_back_even_where_points_are_not(rich: Shop) -> None:
    with in_programme(rich.programme):
        Programme.objects.filter(pk=rich.programme.pk).update(spent_points_policy="none")
    paid = buy(rich, 80_000, use={CREDIT: 30_000})
    assert credit(refund_purchase(rich.call(), purchase=paid.purchase)) == 50_000


def test_the_sum_of_partial_refunds_is_the_whole(rich: Shop) -> None:
    cashback(rich)
    bill = (
        LineInput(net_minor=33_333, quantity_milli=3_000),
        LineInput(net_minor=9_999, quantity_milli=7_000),
        LineInput(net_minor=15_000, kind="shipping"),
    )
    paid = buy(rich, 0, *bill, use={CREDIT: 20_001})
    backs = [
        refund_purchase(
            rich.call(),
            purchase=paid.purchase,
            lines=(LineRefund(number=number, quantity_milli=1000),),
        )
        for number in (2, 1, 2, 2, 3, 1, 2, 2, 1, 2, 2)
    ]
    assert sum(one.cash_minor for one in backs) == paid.to_pay_minor == 58_332 - 20_001
    assert credit(backs[-1]) == 50_000
    for one in backs:
        again = sum(effect.amount for effect in one.effects if effect.kind == "spend_credit")
        assert one.cash_minor + again <= one.amount_minor + 1


def test_farming_by_returns_gains_nothing(shop: Shop) -> None:
    """Spend what a sale gave, bring the goods back: what was spent is owed, and the next fills it."""
    cashback(shop, rate_bp=1_000)
    first = buy(shop, 500_000)
    second = buy(shop, 50_000, use={CREDIT: 50_000})
    assert (second.to_pay_minor, credit(second)) == (0, 0)
    back = refund_purchase(shop.call(), purchase=first.purchase)
    assert (back.cash_minor, credit(back)) == (500_000, -50_000)
    again = refund_purchase(shop.call(), purchase=second.purchase)
    assert (again.cash_minor, credit(again)) == (0, 0)


def test_counted_anew_a_return_leaves_what_the_rest_deserves(shop: Shop) -> None:
    with in_programme(shop.programme):
        Programme.objects.filter(pk=shop.programme.pk).update(partial_refund_policy="recount")
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    cashback(shop)
    done = buy(shop, 0, line(30), line(29))
    assert credit(done) == 2
    back = refund_purchase(shop.call(), purchase=done.purchase, lines=(LineRefund(number=1),))
    assert credit(back) == 1


@pytest.mark.parametrize(
    ("kind", "values", "fields"),
    [
        ("cashback_rule", {"rate_bp": 0}, {"rate_bp"}),
        ("cashback_rule", {"rate_bp": 10_001}, {"rate_bp"}),
        ("cashback_rule", {"rate_bp": 5, "cap_minor": 0}, {"cap_minor"}),
        ("cashback_rule", {"rate_bp": 5, "wait_kind": "days"}, {"wait_days"}),
        ("spending_rule", {"pay_minimum_minor": 0, "cap_bp": 0}, {"pay_minimum_minor", "cap_bp"}),
        ("spending_rule", {"pay_step_minor": -5}, {"pay_step_minor"}),
    ],
)
def test_what_makes_no_sense_is_told_by_field(
    shop: Shop, kind: str, values: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises((Invalid, Several)) as caught:
        create_rule(shop.call(), kind=f"cashback.{kind}", values={"name": "Bad", **values})
    error: DomainError = caught.value
    found = error.errors if isinstance(error, Several) else [error]
    assert {one.field for one in found} == fields


def test_the_balance_is_right_to_the_second(shop: Shop) -> None:
    cashback(shop, wait_kind="days", wait_days=14)
    buy(shop, 200_000)
    with in_programme(shop.programme):
        (waiting,) = balances(holder_id=shop.member.holder_id)
        (later,) = balances(holder_id=shop.member.holder_id, at=now() + timedelta(days=15))
        assert (waiting.available, waiting.pending, later.available) == (0, 10_000, 10_000)
        assert Purchase.objects.get().credit_paid_minor == 0


def test_limits_in_the_dashboard_are_typed_and_told_as_money(db: None) -> None:
    dollars = make_shop("usd", owner="bob@usd.example", member="Bob", currency="USD")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(dollars.staff.user)
    rule = cashback(
        dollars,
        budget=123_456,
        limits=[{"maximum": 5_050, "period": "month"}, {"maximum": 3, "measure": "times"}],
    ).rule
    page = client.get(f"/dashboard/usd/rules/{rule}/").content.decode()
    for text in ("$50.50 awarded in all a month", "3 times a day", "$1,234.56"):
        assert text in page
    address = f"/dashboard/usd/rules/{rule}/edit/"
    typed = form_values(client.get(address).content.decode())
    assert (typed["limits-0-maximum"], typed["limits-1-maximum"]) == (["50.50"], ["3"])
    typed["limits-0-maximum"] = ["75.25"]
    assert client.post(address, typed).status_code == 302
    with in_programme(dollars.programme):
        limits = CashbackRule.objects.latest("id").limits
    assert [one["maximum"] for one in limits] == [7_525, 3]
