"""Missions from the first visit to the prize, and back again when what counted is refunded."""

from __future__ import annotations

import pytest

from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.publishing import RuleView, create_rule, rule_view
from loyalty.engine.selectors import rules
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from tests.campaigns.challenges.challenges_of import (
    balance,
    buy,
    changed,
    codes,
    did,
    is_sound,
    mission,
    on,
    progress,
    status,
    times,
    vouchers,
)
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop


def _drink(shop: Shop) -> str:
    return reward(shop, cost=None, skus=("coffee",), name_en="Free coffee")


def test_three_visits_give_the_prize_once(shop: Shop) -> None:
    of = mission(shop, points=50, reward=_drink(shop))
    buy(shop)
    buy(shop)
    assert (progress(shop, of), times(shop, of), vouchers(shop)) == (2, 0, [])
    buy(shop)
    assert (progress(shop, of), times(shop, of)) == (0, 1)
    assert (balance(shop), vouchers(shop)) == (50, ["issued"])
    for _visit in range(4):
        buy(shop)
    assert (progress(shop, of), times(shop, of), balance(shop)) == (0, 1, 50)
    assert is_sound(shop)


def test_a_refund_opens_it_again_and_voids_the_unused_reward(shop: Shop) -> None:
    of = mission(shop, points=50, reward=_drink(shop))
    first, _second, _third = buy(shop), buy(shop), buy(shop)
    refund_purchase(shop.call(), purchase=first.purchase)
    assert (progress(shop, of), times(shop, of)) == (2, 0)
    assert (balance(shop), vouchers(shop)) == (0, ["void"])
    buy(shop)
    assert (progress(shop, of), times(shop, of)) == (0, 1)
    assert (balance(shop), vouchers(shop)) == (50, ["void", "issued"])
    assert is_sound(shop)


def test_a_used_reward_stands_and_leaves_a_debt_of_progress(shop: Shop) -> None:
    of = mission(shop, reward=_drink(shop))
    first = buy(shop)
    buy(shop)
    buy(shop)
    buy(shop, use={"vouchers": codes(shop)})
    refund_purchase(shop.call(), purchase=first.purchase)
    assert (progress(shop, of), times(shop, of), vouchers(shop)) == (-1, 1, ["used"])
    assert is_sound(shop)


def test_when_the_used_reward_comes_back_the_mission_falls_after_all(shop: Shop) -> None:
    of = mission(shop, reward=_drink(shop))
    first = buy(shop)
    buy(shop)
    buy(shop)
    free = buy(shop, use={"vouchers": codes(shop)})
    refund_purchase(shop.call(), purchase=first.purchase)
    refund_purchase(shop.call(), purchase=free.purchase)
    assert (progress(shop, of), times(shop, of), vouchers(shop)) == (2, 0, ["void"])
    assert is_sound(shop)


def test_spent_points_of_a_mission_leave_the_debt_of_the_refund_policy(shop: Shop) -> None:
    of = mission(shop, counts="spend", target=100_000, points=10)
    first = buy(shop, minor=60_000)
    buy(shop, minor=60_000)
    assert (times(shop, of), progress(shop, of), balance(shop)) == (1, 20_000, 10)
    refund_purchase(shop.call(), purchase=first.purchase, amount_minor=20_000)
    assert (times(shop, of), progress(shop, of)) == (1, 0), "what went beyond the target pays first"
    refund_purchase(shop.call(), purchase=first.purchase, amount_minor=1)
    assert (times(shop, of), progress(shop, of), balance(shop)) == (0, 99_999, 0)


def test_weekly_missions_begin_anew_each_week(shop: Shop) -> None:
    with on(2026, 11, 1):
        of = mission(shop, period="week", target=2, points=5)
    with on(2026, 11, 27):
        buy(shop)
    with on(2026, 11, 29, hour=23):
        buy(shop)
        assert (times(shop, of), balance(shop)) == (1, 5)
        buy(shop)
        assert times(shop, of) == 1, "once a week"
    with on(2026, 11, 30, hour=0):
        buy(shop)
    with on(2026, 12, 7):
        buy(shop)
        assert (times(shop, of), progress(shop, of)) == (1, 1), "last week's visit is gone"
        buy(shop)
        assert (times(shop, of), balance(shop)) == (2, 10)
    assert is_sound(shop)


def test_a_refund_of_last_week_takes_nothing_from_this_one(shop: Shop) -> None:
    with on(2026, 11, 1):
        of = mission(shop, period="week", target=2, points=5)
    with on(2026, 11, 27):
        old = buy(shop)
        buy(shop)
    with on(2026, 12, 1):
        buy(shop)
        refund_purchase(shop.call(), purchase=old.purchase)
        assert (times(shop, of), progress(shop, of), balance(shop)) == (0, 1, 0)
    assert is_sound(shop)


def test_distinct_products_count_once_and_fall_with_the_last_sale_that_had_them(
    shop: Shop,
) -> None:
    of = mission(shop, counts="products", target=3, points=30)
    first = buy(
        shop, LineInput(sku="tea", net_minor=30_000), LineInput(sku="cake", net_minor=20_000)
    )
    second = buy(shop, LineInput(sku="tea", net_minor=30_000))
    assert status(shop, f"mission:{of.rule}")["things"] == {"tea": 2, "cake": 1}
    buy(shop, LineInput(sku="coffee", net_minor=45_000))
    assert (times(shop, of), balance(shop)) == (1, 30)
    refund_purchase(
        shop.call(), purchase=first.purchase, lines=(LineRefund(number=1, quantity_milli=1000),)
    )
    assert (times(shop, of), balance(shop)) == (1, 30), "another sale stands for the tea"
    refund_purchase(shop.call(), purchase=second.purchase)
    assert (times(shop, of), balance(shop)) == (0, 0)
    buy(shop, LineInput(sku="tea", net_minor=30_000))
    assert (times(shop, of), balance(shop)) == (1, 30)


def test_the_next_mission_opens_when_one_is_done(shop: Shop) -> None:
    first = mission(shop, target=2, points=5)
    second = mission(shop, name="Then two more", target=2, after=first.rule, points=20)
    buy(shop)
    assert progress(shop, second) == 0
    buy(shop)
    assert (times(shop, first), progress(shop, second)) == (1, 0)
    buy(shop)
    buy(shop)
    assert (times(shop, second), balance(shop)) == (1, 25)


def test_an_edit_while_it_runs_keeps_all_progress(shop: Shop) -> None:
    of = mission(shop, target=5, points=10)
    for _visit in range(3):
        buy(shop)
    changed(shop, of, target=4, name="Four visits")
    assert progress(shop, of) == 3
    buy(shop)
    assert (times(shop, of), balance(shop)) == (1, 10)
    harder = changed(shop, _newest(shop), target=6)
    buy(shop)
    assert harder.version == 3
    assert times(shop, of) == 1, "what is done stays done"


def _newest(shop: Shop) -> RuleView:
    with in_programme(shop.programme):
        return rule_view(rules(kinds=["challenges.mission"])[0])


@pytest.mark.parametrize("metres", [-1, True, 5.5, "5000", 300_001, 10**18])
def test_absurd_amounts_are_refused_by_name_and_leave_nothing(shop: Shop, metres: object) -> None:
    of = mission(
        shop,
        counts="amount",
        activity_type="run",
        data_name="metres",
        at_most=300_000,
        target=50_000,
    )
    with pytest.raises(Invalid) as refused:
        did(shop, "run", "absurd", metres=metres)
    assert refused.value.field == "data.metres"
    assert progress(shop, of) == 0
    did(shop, "run", "absurd", metres=30_000)
    did(shop, "run", "absurd", metres=30_000)
    assert progress(shop, of) == 30_000, "the same report counts once"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"target": 0}, "target"),
        ({"counts": "amount", "activity_type": "run", "at_most": 5}, "data_name"),
        ({"counts": "amount", "activity_type": "run", "data_name": "m"}, "at_most"),
        ({"counts": "times"}, "activity_type"),
        ({"counts": "spend", "activity_type": "run"}, "activity_type"),
        ({"counts": "products", "leaderboard": True}, "leaderboard"),
        ({"points_each": 5}, "points_each"),
        ({"points": -1}, "points"),
        ({"period": "fortnight"}, "period"),
        ({"after": "rul_nothing"}, "after"),
    ],
)
def test_mistakes_in_a_mission_are_told_by_field(
    shop: Shop, values: dict[str, object], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        create_rule(shop.call(), kind="challenges.mission", values={"name": "Bad", **values})
    assert refused.value.field == field
