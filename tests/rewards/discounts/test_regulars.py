"""Regulars pay less: what comes off, off which line, and what becomes of it when goods come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from loyalty.common.errors import DomainError, Invalid, Several
from loyalty.engine.models import AppliedEffect, RuleBudget
from loyalty.engine.publishing import create_rule
from loyalty.sales.models import Product, Purchase
from loyalty.sales.quotes import quote
from loyalty.sales.rules import LineRefund
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from rewards.points.services import change_settings
from tests.rewards.catalog.rewards_of import give, redeem, reward, the_voucher
from tests.rewards.discounts.discounts_of import discount, line, prices, reasons
from tests.rewards.points.rules_of import buy, earning, points
from tests.tiers.memberships.plans_of import join, plan
from tests.world import Shop, make_shop

REGULAR = [{"fact": "member.tags", "op": "contains", "value": "regular"}]


def _tag(shop: Shop, *tags: str) -> None:
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(tags=list(tags))


@pytest.fixture
def grocer(db: None) -> Shop:
    return make_shop("grocer", owner="bob@grocer.example", member="Ana", currency="USD")


def test_ten_percent_for_regulars_at_the_grocer(grocer: Shop) -> None:
    discount(grocer, name="10% for regulars", audience=REGULAR)
    stranger = buy(grocer, 12_345)
    assert (stranger.total_minor, stranger.discount_minor, stranger.effects) == (12_345, 0, ())
    _tag(grocer, "regular")
    regular = buy(grocer, 12_345)
    assert (regular.discount_minor, regular.to_pay_minor) == (1_235, 11_110)
    assert reasons(regular) == [("10% for regulars", 1_235)]
    assert prices(regular) == [(12_345, 11_110)]
    assert reasons(buy(grocer, 1_235)) == [("10% for regulars", 124)]


@pytest.mark.parametrize(("rounding", "off"), [("half_up", 124), ("floor", 123), ("ceil", 124)])
def test_a_fraction_of_the_smallest_unit_is_rounded_as_declared(
    shop: Shop, rounding: str, off: int
) -> None:
    discount(shop, rounding=rounding)
    assert buy(shop, 1_235).discount_minor == off


def test_it_is_split_over_the_lines_to_the_last_dong(shop: Shop) -> None:
    discount(shop)
    bill = (line(33_333), line(33_333), line(33_335))
    done = buy(shop, 0, *bill)
    assert prices(done) == [(33_333, 30_000), (33_333, 30_000), (33_335, 30_001)]
    assert done.discount_minor == 10_000
    with in_programme(shop.programme):
        kept = Purchase.objects.get(public_id=done.purchase).lines.order_by("number")
        assert [row.discount_minor for row in kept] == [3_333, 3_333, 3_334]
        assert [row.net_minor for row in kept] == [30_000, 30_000, 30_001]


def test_larger_than_the_line_stops_at_zero(shop: Shop) -> None:
    discount(shop, discount="amount", off_minor=50_000, skus=["gum"])
    done = buy(shop, 0, line(5_000, sku="gum"), line(70_000))
    assert prices(done) == [(5_000, 0), (70_000, 70_000)]
    free = buy(shop, 0, line(5_000, sku="gum"))
    assert (free.to_pay_minor, free.discount_minor) == (0, 5_000)
    given = refund_purchase(shop.call(), purchase=free.purchase)
    assert (given.amount_minor, given.cash_minor) == (0, 0)


def test_a_fixed_price_only_ever_lowers(shop: Shop) -> None:
    discount(shop, discount="fixed_price", price_minor=20_000, categories=["coffee"])
    done = buy(
        shop,
        0,
        line(90_000, units=3, category="coffee"),
        line(15_000, category="coffee"),
        line(99_000),
    )
    assert prices(done) == [(90_000, 60_000), (15_000, 15_000), (99_000, 99_000)]


def test_a_cap_per_sale_and_limits_per_month_and_a_budget(shop: Shop) -> None:
    discount(
        shop, cap_minor=8_000, limits=[{"maximum": 12_000, "period": "month"}], budget=1_000_000
    )
    assert buy(shop, 50_000).discount_minor == 5_000
    second = buy(shop, 500_000)
    assert second.discount_minor == 7_000, "the cap would allow 8,000; the month has 7,000 left"
    assert buy(shop, 50_000).effects == ()
    refund_purchase(shop.call(), purchase=second.purchase)
    assert buy(shop, 50_000).discount_minor == 5_000, "what came back can be given again"
    with in_programme(shop.programme):
        assert RuleBudget.objects.get().spent == 10_000


def test_those_that_do_not_add_up_leave_the_best_for_each_line(shop: Shop) -> None:
    discount(shop, name="All", off_bp=1_000)
    discount(shop, name="Cakes", off_bp=2_000, categories=["cakes"])
    discount(shop, name="Half", off_bp=500)
    done = buy(shop, 0, line(80_000, category="tea"), line(20_000, category="cakes"))
    assert prices(done) == [(80_000, 72_000), (20_000, 16_000)]
    assert sorted(reasons(done)) == [("All", 8_000), ("Cakes", 4_000)]


def test_an_amount_off_the_bill_against_a_percentage(shop: Shop) -> None:
    discount(shop, name="Percent", off_bp=1_000)
    discount(shop, name="Amount", discount="amount", off_minor=15_000)
    assert reasons(buy(shop, 100_000)) == [("Amount", 15_000)]
    assert reasons(buy(shop, 200_000)) == [("Percent", 20_000)]


@pytest.mark.parametrize(
    ("first", "second", "off"), [(10, 5, 10_000 + 9_000), (5, 10, 10_000 + 10_000)]
)
def test_stacked_in_the_declared_order(shop: Shop, first: int, second: int, off: int) -> None:
    """100,000 with 10% and 10,000 off: the percentage counts what is left at its turn."""
    discount(shop, name="Percent", off_bp=1_000, stacks=True, priority=second)
    discount(shop, name="Amount", discount="amount", off_minor=10_000, stacks=True, priority=first)
    done = buy(shop, 100_000)
    assert done.discount_minor == off
    assert [name for name, _off in reasons(done)] == (
        ["Amount", "Percent"] if first > second else ["Percent", "Amount"]
    )


def test_one_that_adds_up_beside_the_best_of_the_others(shop: Shop) -> None:
    discount(shop, name="Ten", off_bp=1_000)
    discount(shop, name="Five", off_bp=500)
    discount(shop, name="Birthday", off_bp=2_000, stacks=True)
    assert dict(reasons(buy(shop, 100_000))) == {"Ten": 10_000, "Birthday": 18_000}


def test_of_a_stacking_group_the_highest_priority_stands_alone(shop: Shop) -> None:
    discount(shop, name="Small", off_bp=500, priority=9, stacking_group="seasonal", stacks=True)
    discount(shop, name="Large", off_bp=5_000, stacking_group="seasonal", stacks=True)
    assert reasons(buy(shop, 100_000)) == [("Small", 5_000)]


def test_the_happy_hour(shop: Shop) -> None:
    discount(shop, minute_from=14 * 60, minute_to=16 * 60, weekdays=[1, 2, 3, 4, 5])
    inside = datetime.fromisoformat("2026-01-05T15:59:59+07:00")
    outside = datetime.fromisoformat("2026-01-05T16:00:00+07:00")
    assert buy(shop, 50_000, happened_at=inside).discount_minor == 5_000
    assert buy(shop, 50_000, happened_at=outside).discount_minor == 0


def test_free_delivery_from_a_minimum_spend(shop: Shop) -> None:
    discount(shop, name="Delivery", off_bp=10_000, on_delivery=True, minimum_minor=300_000)
    delivery = line(25_000, kind="shipping", name="Delivery")
    rain = line(15_000, kind="fee", name="Rain")
    below = buy(shop, 0, line(299_999), delivery, rain)
    assert prices(below)[1:] == [(25_000, 25_000), (15_000, 15_000)]
    enough = buy(shop, 0, line(300_000), delivery, rain)
    assert prices(enough) == [(300_000, 300_000), (25_000, 0), (15_000, 15_000)]
    with in_programme(shop.programme):
        row = Purchase.objects.get(public_id=enough.purchase)
        assert (row.net_minor, row.extras_minor, row.discount_minor) == (300_000, 15_000, 25_000)


def test_points_are_earned_on_what_is_left_and_spent_after_it(shop: Shop) -> None:
    give(shop, 100)
    change_settings(shop.call(), values={"pay_enabled": True, "value_minor": 1_000})
    earning(shop, points=1, per_minor=10_000)
    discount(shop)
    done = buy(shop, 0, line(200_000, tax_minor=20_000), use={"points": 50})
    assert (done.total_minor, done.points_paid_minor, done.to_pay_minor) == (
        180_000,
        50_000,
        130_000,
    )
    assert points(done) == 100 - 50 + 13
    with in_programme(shop.programme):
        row = Purchase.objects.get(public_id=done.purchase).lines.get()
        assert (row.tax_minor, row.earning_minor) == (18_000, 130_000)


def test_tax_that_does_not_earn_falls_with_the_price(shop: Shop) -> None:
    shop.programme.earn_on_tax = False
    shop.programme.save(update_fields=["earn_on_tax"])
    earning(shop, points=1, per_minor=1_000)
    discount(shop)
    assert points(buy(shop, 0, line(110_000, tax_minor=10_000))) == 90


def test_a_discount_by_hand_comes_off_first(shop: Shop) -> None:
    discount(shop, minimum_minor=90_000)
    done = buy(shop, 0, line(60_000), line(40_000), discount_minor=10_000)
    assert (done.discount_minor, done.to_pay_minor) == (10_000 + 9_000, 81_000)
    assert prices(done) == [(60_000, 48_600), (40_000, 32_400)]
    assert buy(shop, 0, line(100_000), discount_minor=10_001).discount_minor == 10_001


def test_goods_that_earn_nothing_keep_their_price(shop: Shop) -> None:
    discount(shop)
    with in_programme(shop.programme):
        Product.objects.create(sku="cigs", name="Cigarettes", price_minor=30_000, excluded=True)
    done = buy(shop, 0, line(30_000, sku="cigs"), line(10_000))
    assert prices(done) == [(30_000, 30_000), (10_000, 9_000)]


def test_a_settled_sale_keeps_the_price_that_was_paid(shop: Shop) -> None:
    discount(shop)
    done = buy(shop, 100_000, settled=True)
    assert (done.to_pay_minor, done.effects) == (100_000, ())


def test_a_quote_says_was_and_now_and_by_which_rule(shop: Shop) -> None:
    discount(shop, name="Early birds")
    sale = SaleInput(lines=(line(50_000, sku="pho"),))
    told = quote(actor=shop.actor, member=shop.member.public_id, sale=sale)
    assert (told.total_minor, told.discount_minor) == (45_000, 5_000)
    assert (prices(told), reasons(told)) == ([(50_000, 45_000)], [("Early birds", 5_000)])


def test_refunds_give_back_what_was_paid_line_by_line(shop: Shop) -> None:
    discount(shop)
    bill = (line(33_333, units=3), line(9_999, units=7))
    done = buy(shop, 0, *bill)
    parts = [
        refund_purchase(
            shop.call(),
            purchase=done.purchase,
            lines=(LineRefund(number=number, quantity_milli=1000),),
        ).cash_minor
        for number in (1, 1, 1, 2, 2, 2, 2, 2, 2, 2)
    ]
    assert sum(parts) == done.to_pay_minor == 43_332 - 4_333
    assert max(parts[:3]) - min(parts[:3]) <= 1
    with in_programme(shop.programme):
        row = AppliedEffect.objects.get()
        assert row.amount == row.undone == 4_333


def test_buying_and_returning_gains_nothing(shop: Shop) -> None:
    """An amount off from a minimum is spread over the goods: what is kept never costs less than it
    would have cost with its own share of the discount.
    """
    discount(shop, discount="amount", off_minor=50_000, minimum_minor=200_000)
    done = buy(shop, 0, line(150_000), line(50_000))
    assert prices(done) == [(150_000, 112_500), (50_000, 37_500)]
    back = refund_purchase(shop.call(), purchase=done.purchase, lines=(LineRefund(number=1),))
    assert back.cash_minor == 112_500


def test_the_same_receipt_again_is_no_other_sale(shop: Shop) -> None:
    discount(shop)
    sale = SaleInput(lines=(line(50_000, discount_minor=3_000),), receipt="HD-1")
    first, again = (
        record_purchase(shop.call(), member=shop.member.public_id, sale=sale) for _ in range(2)
    )
    assert again.duplicate and again.purchase == first.purchase
    assert (again.lines, again.discount_minor) == (first.lines, 8_000)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"off_bp": 0}, {"off_bp"}),
        ({"off_bp": 10_001}, {"off_bp"}),
        ({"discount": "amount"}, {"off_minor"}),
        ({"discount": "fixed_price", "price_minor": -1}, {"price_minor"}),
        ({"discount": "fixed_price", "price_minor": 0}, {"price_minor"}),
        ({"cap_minor": 0, "minimum_minor": -5}, {"cap_minor", "minimum_minor"}),
        ({"discount": "fixed_price", "price_minor": 5, "on_delivery": True}, {"discount"}),
        ({"discount": "half"}, {"discount"}),
        ({"off_bp": 12.5}, {"off_bp"}),
    ],
)
def test_what_makes_no_sense_is_told_by_field(
    shop: Shop, values: dict[str, Any], fields: set[str]
) -> None:
    given = {"name": "Bad", "discount": "percent", "off_bp": 500, **values}
    with pytest.raises((Invalid, Several)) as caught:
        create_rule(shop.call(), kind="discounts.discount_rule", values=given)
    error: DomainError = caught.value
    found = error.errors if isinstance(error, Several) else [error]
    assert {one.field for one in found} == fields


def test_a_plan_holds_out_a_member_price_and_free_delivery(shop: Shop) -> None:
    plan(shop, price_minor=0, renews=False, discount_bp=500, free_delivery=True)
    join(shop)
    bill = (line(250_000), line(40_000, kind="shipping"), line(15_000, kind="fee"))
    done = buy(shop, 0, *bill)
    assert prices(done) == [(250_000, 237_500), (40_000, 0), (15_000, 15_000)]
    discount(shop, name="Ten", off_bp=1_000)
    better = buy(shop, 0, *bill)
    assert prices(better) == [(250_000, 225_000), (40_000, 0), (15_000, 15_000)]
    assert dict(reasons(better)) == {"Ten": 25_000, "Prime": 40_000}


def test_a_voucher_pays_what_the_discount_left(shop: Shop) -> None:
    discount(shop)
    give(shop, 100)
    redeem(shop, reward(shop, kind="amount_off", value_minor=50_000))
    code = the_voucher(shop).code
    done = buy(shop, 0, line(40_000), line(60_000), use={"vouchers": [code]})
    assert (done.discount_minor, done.vouchers_paid_minor, done.to_pay_minor) == (
        10_000,
        50_000,
        40_000,
    )
    back = refund_purchase(shop.call(), purchase=done.purchase)
    assert (back.amount_minor, back.cash_minor) == (90_000, 40_000)
