"""What a bill earns: the schemes people know, restrictions, multipliers, limits, budgets."""

from __future__ import annotations

from datetime import date

import pytest

from loyalty.common.errors import Invalid, Several
from loyalty.engine.publishing import create_rule
from loyalty.ledger.selectors import balances
from loyalty.outbox.relay import relay_due
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.services.enrolment import NewMember, enrol_member
from members.profiles.services.profile import ProfileChanges, update_member
from tests.rewards.points.rules_of import buy, earning, multiplier, points
from tests.world import Shop

BILLS = (39_999, 40_000, 79_999, 80_000, 125_000)


def _earned(shop: Shop, total: int) -> int:
    result = buy(shop, total)
    return sum(one.amount for one in result.effects)


def test_a_star_per_amount(shop: Shop) -> None:
    earning(shop, points=1, per_minor=40_000)
    assert [_earned(shop, bill) for bill in BILLS] == [0, 1, 1, 2, 3]


def test_a_star_per_bill(shop: Shop) -> None:
    earning(shop, basis="fixed", points=1, minimum_minor=40_000)
    assert [_earned(shop, bill) for bill in BILLS] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize(("proportional", "expected"), [(False, [0, 10, 20]), (True, [9, 10, 25])])
def test_ten_points_per_hundred(shop: Shop, proportional: bool, expected: list[int]) -> None:
    earning(shop, points=10, per_minor=100, proportional=proportional)
    assert [_earned(shop, spent) for spent in (99, 100, 250)] == expected


def test_rounding_of_parts_is_the_rules_choice(shop: Shop) -> None:
    earning(shop, points=10, per_minor=100, proportional=True, rounding="half_up")
    assert _earned(shop, 99) == 10


def test_base_rules_add_up_and_a_group_takes_the_first(shop: Shop) -> None:
    earning(shop, name="Base")
    earning(shop, name="Cakes", basis="units", points=5, categories=["cake"])
    earning(shop, name="Small", basis="fixed", points=3, stacking_group="gift", priority=1)
    earning(shop, name="Big", basis="fixed", points=7, stacking_group="gift", priority=2)
    result = buy(
        shop,
        0,
        LineInput(sku="latte", net_minor=60_000),
        LineInput(sku="tart", category="cake", net_minor=40_000, quantity_milli=2000),
    )
    assert {one.rule_name: one.amount for one in result.effects} == {
        "Base": 10,
        "Cakes": 10,
        "Big": 7,
    }


def test_excluded_goods_and_extras_earn_nothing(shop: Shop) -> None:
    earning(shop, excluded_categories=["tobacco"])
    result = buy(
        shop,
        0,
        LineInput(sku="beans", net_minor=50_000),
        LineInput(sku="cigar", category="tobacco", net_minor=50_000),
        LineInput(name="Delivery", kind="shipping", net_minor=50_000),
    )
    assert points(result) == 5


@pytest.mark.parametrize(("stacking", "total"), [("best", 30), ("sum", 40), ("product", 60)])
def test_multipliers_stack_as_the_programme_says(shop: Shop, stacking: str, total: int) -> None:
    shop.programme.multiplier_stacking = stacking
    shop.programme.save()
    earning(shop)
    multiplier(shop, name="Double", factor_bp=20_000)
    multiplier(shop, name="Triple", factor_bp=30_000)
    assert points(buy(shop, 100_000)) == total


def test_a_multiplier_on_some_goods_multiplies_their_share(shop: Shop) -> None:
    earning(shop)
    multiplier(shop, categories=["cake"])
    result = buy(
        shop,
        0,
        LineInput(sku="latte", net_minor=70_000),
        LineInput(sku="tart", category="cake", net_minor=30_000),
    )
    assert points(result) == 13
    back = refund_purchase(shop.call(), purchase=result.purchase, lines=(LineRefund(number=1),))
    # The latte brought 7 of the 10, and nothing of the bonus.
    assert points(back) == 6


def test_multiplied_points_are_rounded_once(shop: Shop) -> None:
    earning(shop, points=1, per_minor=10_000)
    multiplier(shop, factor_bp=12_500)
    assert points(buy(shop, 1_000_000)) == 125
    assert points(buy(shop, 30_000)) == 125 + 3


def test_a_limit_caps_or_rejects(shop: Shop) -> None:
    earning(shop, name="Caps", limits=[{"maximum": 15, "period": "day"}])
    assert [_earned(shop, 100_000) for _ in range(3)] == [10, 5, 0]


def test_a_limit_that_rejects_drops_the_whole_award(shop: Shop) -> None:
    earning(shop, limits=[{"maximum": 15, "period": "day", "rejects": True}])
    assert [_earned(shop, 100_000), _earned(shop, 100_000), _earned(shop, 50_000)] == [10, 0, 5]


def test_a_limit_counts_times(shop: Shop) -> None:
    earning(shop, limits=[{"maximum": 2, "period": "day", "measure": "times"}])
    assert [_earned(shop, 100_000) for _ in range(3)] == [10, 10, 0]


def test_a_budget_runs_out_and_comes_back_with_a_refund(shop: Shop) -> None:
    earning(shop, budget=15)
    first = buy(shop, 100_000)
    assert [_earned(shop, 100_000), _earned(shop, 100_000)] == [5, 0]
    refund_purchase(shop.call(), purchase=first.purchase)
    assert _earned(shop, 200_000) == 10


def test_points_of_a_place(shop: Shop) -> None:
    earning(shop, locations=[shop.location.public_id])
    assert points(buy(shop, 100_000)) == 0
    assert points(buy(shop, 100_000, location=shop.location.public_id)) == 10


def test_every_fault_of_a_rule_is_told_by_name(shop: Shop) -> None:
    with pytest.raises(Several) as caught:
        create_rule(
            shop.call(),
            kind="points.earning_rule",
            values={
                "name": "",
                "weekdays": [0, 8],
                "audience": [{"fact": "no.such", "op": "eq", "value": 1}],
                "limits": [{"maximum": 1.5}],
            },
        )
    fields = {error.field for error in caught.value.errors}
    assert fields == {"name", "weekdays", "audience.0.fact", "limits.0.maximum"}
    for field, value in {"points": 1.5, "per_minor": True, "skus": "x", "nonsense": 1}.items():
        with pytest.raises(Invalid) as one:
            create_rule(shop.call(), kind="points.earning_rule", values={"name": "x", field: value})
        assert one.value.field == field


def test_a_sale_without_a_place_happened_where_its_cashier_works(shop: Shop) -> None:
    with in_programme(shop.programme):
        shop.staff.location = shop.location
        shop.staff.save()
    earning(shop, locations=[shop.location.public_id])
    assert points(buy(shop, 100_000)) == 10


def test_joining_and_completing_the_profile_bring_points_once(shop: Shop) -> None:
    earning(shop, name="Welcome", activity="member.joined", basis="fixed", points=20)
    earning(shop, name="Profile", activity="member.profile_completed", basis="fixed", points=30)
    new = enrol_member(shop.call(), person=NewMember(name="Eva", phone="0912345678"))
    while relay_due():
        pass
    update_member(shop.call(), member=new.member, changes=ProfileChanges(birthday=date(1990, 5, 1)))
    update_member(shop.call(), member=new.member, changes=ProfileChanges(gender="female"))
    while relay_due():
        pass
    with in_programme(shop.programme):
        eva = Member.objects.get(public_id=new.member)
        assert [one.balance for one in balances(holder_id=eva.holder_id)] == [50]
