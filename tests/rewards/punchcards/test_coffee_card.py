"""Buy nine, get the tenth: the figures every customer would count on their fingers."""

from __future__ import annotations

import pytest

from loyalty.common.errors import Invalid, NotFound, Several
from loyalty.engine.publishing import create_rule, edit_rule, publish_rule
from loyalty.sales.quotes import quote
from loyalty.sales.rules import LineInput, LineRefund
from loyalty.sales.services import SaleInput, refund_purchase
from loyalty.tenancy.scope import in_programme
from rewards.punchcards.selectors import card_progress
from tests.rewards.catalog.rewards_of import reward
from tests.rewards.points.rules_of import earning
from tests.rewards.punchcards.cards_of import (
    KIND,
    buy,
    card,
    codes,
    coffees,
    free_coffee,
    is_sound,
    stamps,
    vouchers,
)
from tests.world import Shop


def test_nine_coffees_and_the_tenth_is_free(shop: Shop) -> None:
    coffee_card = card(shop)
    for _ in range(8):
        buy(shop, coffees(1))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (8, [])
    ninth = buy(shop, coffees(1))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["issued"])
    assert [one.kind for one in ninth.effects] == ["stamp_card", "complete_card"]
    tenth = buy(shop, coffees(1), use={"vouchers": codes(shop)})
    assert tenth.to_pay_minor == 0
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["used"]), "a free one has no stamp"
    assert is_sound(shop)


def test_twelve_coffees_on_one_bill(shop: Shop) -> None:
    coffee_card = card(shop)
    buy(shop, coffees(12))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (3, ["issued"])


def test_a_big_round_fills_several_cards(shop: Shop) -> None:
    coffee_card = card(shop)
    buy(shop, coffees(20), coffees(9), LineInput(sku="cake", net_minor=9_000))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (2, ["issued"] * 3)


def test_two_cards_are_not_combined(shop: Shop) -> None:
    first = card(shop)
    second = card(shop, name="Cake card", skus=["cake"])
    buy(shop, coffees(5), coffees(4, sku="cake"))
    assert (stamps(shop, first), stamps(shop, second), vouchers(shop)) == (5, 4, [])


def test_one_of_nine_is_refunded_before_the_reward_is_used(shop: Shop) -> None:
    coffee_card = card(shop)
    sold = buy(shop, coffees(9))
    assert vouchers(shop) == ["issued"]
    back = refund_purchase(
        shop.call(), purchase=sold.purchase, lines=(LineRefund(number=1, quantity_milli=1000),)
    )
    assert (stamps(shop, coffee_card), vouchers(shop)) == (8, ["void"])
    assert {(one.kind, one.amount) for one in back.effects} == {
        ("stamp_card", -1),
        ("complete_card", 9),
    }
    buy(shop, coffees(1))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["void", "issued"])
    assert is_sound(shop)


def test_an_early_coffee_is_refunded_after_others_filled_the_card(shop: Shop) -> None:
    coffee_card = card(shop)
    first = buy(shop, coffees(1)).purchase
    for _ in range(8):
        buy(shop, coffees(1))
    refund_purchase(shop.call(), purchase=first)
    assert (stamps(shop, coffee_card), vouchers(shop)) == (8, ["void"])
    assert is_sound(shop)


def test_stamps_carried_over_cover_a_refund_without_touching_the_reward(shop: Shop) -> None:
    coffee_card = card(shop)
    sold = buy(shop, coffees(12)).purchase
    refund_purchase(shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=2000),))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (1, ["issued"])
    refund_purchase(shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=2000),))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (8, ["void"])


def test_after_the_reward_was_used_a_refund_leaves_a_debt_that_stamps_fill(shop: Shop) -> None:
    coffee_card = card(shop)
    sold = buy(shop, coffees(9)).purchase
    buy(shop, coffees(1), use={"vouchers": codes(shop)})
    refund_purchase(shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=2000),))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (-2, ["used"])
    with in_programme(shop.programme):
        (seen,) = card_progress(shop.member)
        assert (seen.picture.filled, seen.picture.debt, seen.picture.missing) == (0, 2, 11)
    buy(shop, coffees(3))
    assert stamps(shop, coffee_card) == 1
    assert is_sound(shop)


def test_everything_refunded_leaves_nothing(shop: Shop) -> None:
    coffee_card = card(shop)
    earning(shop)
    bought = [buy(shop, coffees(n)).purchase for n in (5, 7, 8)]
    assert (stamps(shop, coffee_card), vouchers(shop)) == (2, ["issued", "issued"])
    free = buy(shop, coffees(1), use={"vouchers": codes(shop)[:1]}).purchase
    for one in (bought[1], bought[2], free, bought[0]):
        refund_purchase(shop.call(), purchase=one)
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["void", "void"])
    assert is_sound(shop)


def test_the_free_coffee_is_refunded_after_its_card_was(shop: Shop) -> None:
    coffee_card = card(shop)
    sold = buy(shop, coffees(9)).purchase
    free = buy(shop, coffees(1), use={"vouchers": codes(shop)}).purchase
    refund_purchase(shop.call(), purchase=sold)
    assert (stamps(shop, coffee_card), vouchers(shop)) == (-9, ["used"])
    refund_purchase(shop.call(), purchase=free)
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["void"])
    assert is_sound(shop)


def test_a_head_start_is_a_shorter_card(shop: Shop) -> None:
    coffee_card = card(shop, stamps_needed=10, head_start=2, head_start_every=False)
    with in_programme(shop.programme):
        (seen,) = card_progress(shop.member)
        assert (seen.picture.filled, seen.picture.head, seen.picture.missing) == (2, 2, 8)
    buy(shop, coffees(8))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["issued"])
    buy(shop, coffees(9))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (9, ["issued"]), "only the first card"
    buy(shop, coffees(1))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["issued", "issued"])


def test_rewards_on_the_way_come_once_and_fall_with_their_stamp(shop: Shop) -> None:
    cookie = reward(shop, cost=None, kind="gift", skus=(), name_en="Cookie")
    coffee_card = card(shop, interims=[{"position": 5, "reward": cookie}])
    sold = buy(shop, coffees(6)).purchase
    assert vouchers(shop) == ["issued"]
    refund_purchase(shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=2000),))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (4, ["void"])
    buy(shop, coffees(1))
    assert vouchers(shop) == ["void", "issued"]
    buy(shop, coffees(9))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (5, ["void", *["issued"] * 3])


def test_a_used_reward_on_the_way_is_not_given_twice(shop: Shop) -> None:
    cookie = reward(shop, cost=None, kind="gift", skus=(), name_en="Cookie")
    card(shop, interims=[{"position": 2, "reward": cookie}])
    sold = buy(shop, coffees(2)).purchase
    buy(shop, LineInput(sku="tea", net_minor=1_000), use={"vouchers": codes(shop)})
    refund_purchase(shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=1000),))
    buy(shop, coffees(1))
    assert vouchers(shop) == ["used"]


@pytest.mark.parametrize(
    ("values", "lines", "made", "after_refund"),
    [
        ({"stamp_per": "visit", "skus": []}, [coffees(5)], 1, 0),
        ({"stamp_per": "visit", "skus": [], "stamps_each": 2}, [coffees(5)], 2, 0),
        ({"stamp_per": "amount", "per_minor": 40_000, "skus": []}, [coffees(3)], 3, 0),
        ({"stamp_per": "visit", "minimum_minor": 100_000}, [coffees(2)], 0, 0),
        (
            {"skus": [], "categories": ["drinks"]},
            [LineInput(sku="x", category="drinks", net_minor=9, quantity_milli=2000)],
            2,
            0,
        ),
        ({"skus": [], "excluded_skus": ["coffee"]}, [coffees(2), coffees(1, sku="tea")], 1, 0),
        ({"limits": [{"maximum": 2, "period": "day"}]}, [coffees(5)], 2, 0),
        ({"skus": []}, [LineInput(kind="shipping", net_minor=9_000)], 0, 0),
        ({"skus": []}, [LineInput(sku="sample", net_minor=0)], 0, 0),
    ],
)
def test_what_makes_a_stamp(shop: Shop, values, lines, made: int, after_refund: int) -> None:
    coffee_card = card(shop, **values)
    sold = buy(shop, *lines)
    assert stamps(shop, coffee_card) == made
    refund_purchase(shop.call(), purchase=sold.purchase)
    assert stamps(shop, coffee_card) == after_refund


def test_a_stamp_per_amount_is_counted_anew_after_a_refund(shop: Shop) -> None:
    coffee_card = card(shop, stamp_per="amount", per_minor=40_000, skus=[])
    sold = buy(shop, LineInput(net_minor=100_000)).purchase
    assert stamps(shop, coffee_card) == 2
    refund_purchase(shop.call(), purchase=sold, amount_minor=20_000)
    assert stamps(shop, coffee_card) == 2
    refund_purchase(shop.call(), purchase=sold, amount_minor=1)
    assert stamps(shop, coffee_card) == 1


def test_the_daily_limit_counts_stamps_and_not_rewards(shop: Shop) -> None:
    coffee_card = card(shop, stamps_needed=3, limits=[{"maximum": 4, "period": "day"}])
    buy(shop, coffees(3))
    buy(shop, coffees(3))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (1, ["issued"])


def test_without_carry_over_the_rest_of_a_bill_is_lost(shop: Shop) -> None:
    coffee_card = card(shop, carry_over=False)
    sold = buy(shop, coffees(12)).purchase
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["issued"])
    refund_purchase(shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=3000),))
    assert vouchers(shop) == ["issued"], "nine coffees are left, and nine fill a card"
    refund_purchase(shop.call(), purchase=sold, lines=(LineRefund(number=1, quantity_milli=1000),))
    assert (stamps(shop, coffee_card), vouchers(shop)) == (8, ["void"])


def test_cards_of_one_group_share_no_line(shop: Shop) -> None:
    first = card(shop, priority=5, stacking_group="drinks")
    second = card(shop, name="All drinks", skus=[], stacking_group="drinks")
    beside = card(shop, name="Everything", skus=[])
    buy(shop, coffees(2), coffees(1, sku="tea"))
    assert [stamps(shop, one) for one in (first, second, beside)] == [2, 1, 3]


def test_a_new_version_of_a_card_keeps_the_stamps(shop: Shop) -> None:
    coffee_card = card(shop)
    buy(shop, coffees(6))
    draft = edit_rule(shop.call(), rule=coffee_card.rule, values={"stamps_needed": 7})
    publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    sold = buy(shop, coffees(2)).purchase
    assert (stamps(shop, coffee_card), vouchers(shop)) == (1, ["issued"])
    refund_purchase(shop.call(), purchase=sold)
    assert (stamps(shop, coffee_card), vouchers(shop)) == (6, ["void"])


def test_a_quote_shows_the_reward_and_leaves_no_trace(shop: Shop) -> None:
    coffee_card = card(shop)
    sale = SaleInput(lines=(coffees(9),))
    offered = quote(actor=shop.actor, member=shop.member.public_id, sale=sale)
    assert [one.kind for one in offered.effects] == ["stamp_card", "complete_card"]
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, [])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reward": None}, "reward"),
        ({"stamp_per": "amount"}, "per_minor"),
        ({"head_start": 9}, "head_start"),
        ({"interims": [{"position": 9, "reward": "rwd_x"}]}, "interims.0"),
        ({"interims": ["x"]}, "interims.0"),
        ({"expiry_kind": "sliding"}, "expiry_kind"),
        ({"stamps_needed": 1}, "stamps_needed"),
        ({"reward": "rwd_unknown"}, "reward"),
    ],
)
def test_a_wrong_card_is_refused_by_name(shop: Shop, values, field: str) -> None:
    given = {
        "name": "Card",
        "reward": free_coffee(shop),
        "stamps_needed": 9,
        "expiry_kind": "none",
        **values,
    }
    with pytest.raises((Invalid, Several, NotFound)) as refused:
        create_rule(shop.call(), kind=KIND, values=given)
    errors = getattr(refused.value, "errors", [refused.value])
    assert field in [one.field for one in errors]


def test_a_card_cannot_give_the_reward_of_another_programme(shop: Shop, other_shop: Shop) -> None:
    theirs = free_coffee(other_shop)
    with pytest.raises(NotFound):
        create_rule(shop.call(), kind=KIND, values={"name": "Card", "reward": theirs})
