"""Paying with points at the till: the cashier chooses how many, between minimum, step and cap."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.common.errors import Invalid, Refused
from loyalty.ledger.services import describe_asset, open_asset
from loyalty.sales.quotes import quote
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput
from rewards.points.services import adjust_points, change_settings
from tests.rewards.points.rules_of import buy, earning, points
from tests.world import Shop


@pytest.fixture
def rich(shop: Shop) -> Shop:
    """Ana has 5,000 points; a hundred are worth 1.00."""
    shop.programme.adjust_limit = 10_000
    shop.programme.save()
    adjust_points(shop.call(), member=shop.member.public_id, amount=5_000, text="A start")
    return shop


def _allow(shop: Shop, **values: Any) -> None:
    defaults = {"pay_enabled": True, "value_minor": 1, "value_units": 1}
    change_settings(shop.call(), values={**defaults, **values})


def test_at_most_seventy_percent_of_the_goods_never_the_delivery(rich: Shop) -> None:
    _allow(rich, pay_cap_bp=7_000)
    basket = (
        LineInput(sku="dress", net_minor=1_000),
        LineInput(name="Delivery", kind="shipping", net_minor=300),
    )
    paid = buy(rich, 0, *basket, use={"points": 5_000})
    assert (paid.points_paid_minor, paid.to_pay_minor) == (700, 600)
    assert points(paid) == 4_300


@pytest.mark.parametrize(
    ("asked", "values", "used"),
    [
        (700, {}, 700),
        (750, {"pay_step": 100}, 700),
        (9_999, {}, 5_000),
        (4_000, {"pay_cap_points": 1_500}, 1_500),
        (10, {"value_minor": 1_000, "value_units": 3}, 9),
    ],
)
def test_the_cashier_chooses_and_the_rules_round_down(
    rich: Shop, asked: int, values: dict[str, Any], used: int
) -> None:
    _allow(rich, **values)
    paid = buy(rich, 1_000_000, use={"points": asked})
    assert points(paid) == 5_000 - used


@pytest.mark.parametrize("asked", [-1, 1.5, True, "700", 10**10])
def test_absurd_numbers_are_refused(rich: Shop, asked: object) -> None:
    _allow(rich)
    with pytest.raises(Invalid) as caught:
        buy(rich, 100_000, use={"points": asked})
    assert caught.value.field == "use.points"


def test_too_few_points_are_refused_clearly(shop: Shop) -> None:
    _allow(shop, pay_minimum=500)
    adjust_points(shop.call(), member=shop.member.public_id, amount=499, text="A start")
    with pytest.raises(Refused, match="too_few_points") as caught:
        buy(shop, 100_000, use={"points": 499})
    assert caught.value.params == {"maximum": 0, "available": 499, "minimum": 500}


def test_points_that_are_not_taken_are_refused(rich: Shop) -> None:
    with pytest.raises(Refused, match="cannot_be_used"):
        buy(rich, 100_000, use={"points": 10})


def test_what_points_paid_earns_nothing(rich: Shop) -> None:
    _allow(rich, value_minor=10)
    earning(rich)
    assert points(buy(rich, 100_000, use={"points": 5_000})) == 5


def test_a_quote_says_what_would_be_paid_and_earned(rich: Shop) -> None:
    _allow(rich, value_minor=10)
    earning(rich)
    asked = SaleInput(total_minor=100_000, use={"points": 5_000})
    told = quote(actor=rich.actor, member=rich.member.public_id, sale=asked)
    assert (told.to_pay_minor, points(told)) == (50_000, 5)
    assert points(buy(rich, 1)) == 5_000


def test_a_new_worth_counts_from_the_next_sale(rich: Shop) -> None:
    """Wherever the worth is changed, rules that were loaded before are loaded anew."""
    _allow(rich, value_minor=1, value_units=1)
    assert buy(rich, 1_000_000, use={"points": 30}).points_paid_minor == 30
    describe_asset(
        rich.call(),
        code="points",
        name_vi="điểm",
        name_en="points",
        value_minor=1_000,
        value_units=3,
    )
    assert buy(rich, 1_000_000, use={"points": 30}).points_paid_minor == 10_000
    describe = {"name_vi": "sao", "name_en": "stars", "value_minor": 1, "value_units": 1}
    describe_asset(rich.call(dry_run=True), code="points", **describe)
    assert buy(rich, 1_000_000, use={"points": 30}).points_paid_minor == 10_000


def test_points_of_another_kind_work_at_once(rich: Shop) -> None:
    _allow(rich)
    buy(rich, 10_000)
    open_asset(
        rich.call(), code="stars", kind="points", name_vi="sao", name_en="stars", value_minor=1
    )
    earning(rich, name="Stars", asset="stars")
    change_settings(rich.call(), asset="stars", values={"pay_enabled": True})
    assert points(buy(rich, 100_000), "stars") == 10
    assert buy(rich, 100_000, use={"stars": 4}).points_paid_minor == 4


def test_who_would_pay_with_what_is_not_taken_reads_what_is(rich: Shop) -> None:
    _allow(rich, value_minor=10)
    with pytest.raises(Refused, match="cannot_be_used") as told:
        buy(rich, 100_000, use={"gold": 10})
    assert told.value.params["known"] == ["vouchers", "points"]
    assert "vouchers, points" in str(told.value.message)
