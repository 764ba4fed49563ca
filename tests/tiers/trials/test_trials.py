"""A trial from the first offer to the purchase it won: stock, one for each person, feedback."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.segments.services import create_segment
from loyalty.common.clock import now
from loyalty.common.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused
from loyalty.engine.models import AppliedEffect
from loyalty.engine.publishing import create_rule, edit_rule, end_rule, publish_rule
from loyalty.sales.rules import LineRefund
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.tiers.trials.trials_of import (
    SKU,
    buy,
    fresh,
    herself,
    later,
    now_of,
    person,
    results,
    take,
    trial,
)
from tests.world import Shop
from tiers.trials.models import Taking
from tiers.trials.quotes import trial_offers
from tiers.trials.services import (
    give_feedback,
    hand_over_trial,
    look_after_trial,
    offer_trial,
    return_trial,
    take_trial,
)
from tiers.trials.tasks import look_after_trials


def test_from_the_portal_to_the_till_to_the_purchase(shop: Shop) -> None:
    trial(shop, ask_days=3, convert_days=30)
    accepted = take_trial(herself(shop), member=shop.member.public_id, trial="cold-brew")
    assert (accepted.state, accepted.given_at) == ("accepted", None)
    assert results(shop).left == 1
    with later(2):
        given = hand_over_trial(shop.call(), taking=accepted.id)
        assert given.state == "given"
        assert look_after_trials() == 0
    with later(5, hours=1):
        assert look_after_trials() == 1
        assert look_after_trials() == 0
        assert now_of(shop, given).asked_at is not None
        answered = give_feedback(herself(shop), taking=given.id, stars=4, comment="Ngon,\nhơi đắng")
        assert (answered.stars, answered.comment) == (4, "Ngon,\nhơi đắng")
    with later(20):
        bought = buy(shop)
        assert [one.reason for one in bought.effects] == ["bought_after_trial"]
        assert buy(shop).effects == (), "one purchase is won by it, not every one"
    found = results(shop)
    assert (found.given, found.bought, found.bought_bp) == (1, 1, 10_000)
    assert (found.asked, found.answered, found.stars_tenths) == (1, 1, 40)
    with later(21):
        cake = (LineRefund(number=2, quantity_milli=1000),)
        refund_purchase(shop.call(), purchase=bought.purchase, lines=cake)
        assert results(shop).bought == 1, "the cake came back, the cold brew did not"
        refund_purchase(shop.call(), purchase=bought.purchase)
    assert results(shop).bought == 0
    with later(21):
        assert buy(shop).effects, "it can be bought again"


def test_what_is_bought_too_late_or_is_something_else_was_not_won(shop: Shop) -> None:
    trial(shop, convert_days=5)
    take(shop, hand_over=True)
    with later(1):
        assert buy(shop, sku="LAT").effects == ()
    with later(6):
        assert buy(shop).effects == ()
    assert results(shop).bought == 0


def test_what_nobody_collects_goes_back(shop: Shop) -> None:
    trial(shop, budget=1, collect_days=2)
    taken = take(shop)
    dan = person(shop, "Dan")
    with pytest.raises(Refused, match="out_of_stock"):
        take(shop, dan)
    with later(4):
        with pytest.raises(Refused, match="trial_not_waiting"):
            hand_over_trial(shop.call(), taking=taken.id)
        assert look_after_trials() == 1
        assert now_of(shop, taken).state == "lapsed"
        assert take(shop, dan, hand_over=True).state == "given"
        with pytest.raises(Refused, match="out_of_stock"):
            take(shop)
    assert (results(shop).lapsed, results(shop).left) == (1, 0)


def test_what_is_taken_back_is_there_again_also_after_an_edit(shop: Shop) -> None:
    published = trial(shop, budget=1)
    taken = take(shop, hand_over=True)
    draft = edit_rule(shop.call(), rule=published.rule, values={"budget": 3})
    publish_rule(shop.call(), rule=draft.rule)
    fresh(shop)
    assert results(shop).left == 2, "what was given before counts"
    return_trial(shop.call(), taking=taken.id, reason="Wrong customer")
    assert results(shop).left == 3
    with pytest.raises(Refused, match="trial_is_over"):
        return_trial(shop.call(), taking=taken.id)
    assert results(shop).left == 3
    assert buy(shop).effects == (), "it was never hers"
    assert take(shop, hand_over=True).state == "given", "one for each person, and she has none"


def test_members_give_up_what_they_have_not_got_yet(shop: Shop) -> None:
    trial(shop)
    taken = take(shop)
    dan = person(shop, "Dan")
    with pytest.raises(NotFound):
        return_trial(herself(shop, dan), taking=taken.id)
    assert return_trial(herself(shop), taking=taken.id).state == "returned"
    given = take(shop, hand_over=True)
    with pytest.raises(Forbidden, match="trial_is_given"):
        return_trial(herself(shop), taking=given.id)


def test_only_the_till_hands_over(shop: Shop) -> None:
    trial(shop)
    with pytest.raises(Invalid, match="bad_hand_over"):
        take_trial(herself(shop), member=shop.member.public_id, trial="cold-brew", hand_over=True)


def test_it_is_for_those_the_audience_names(shop: Shop) -> None:
    create_segment(
        shop.call(),
        code="vips",
        name="VIPs",
        conditions=[{"fact": "member.tags", "op": "contains", "value": "vip"}],
    )
    trial(shop, audience=[{"fact": "segment", "op": "eq", "value": "vips"}])
    with pytest.raises(Refused, match="not_for_you"):
        take(shop)
    with in_programme(shop.programme):
        assert trial_offers(shop.member, programme=shop.programme) == []
        Member.objects.filter(pk=shop.member.pk).update(tags=["vip"])
        vip = Member.objects.get(pk=shop.member.pk)
        assert [one.trial.code for one in trial_offers(vip, programme=shop.programme)] == [
            "cold-brew"
        ]
    assert take(shop).state == "accepted"


def test_by_hand_it_is_for_those_it_is_offered_to(shop: Shop) -> None:
    trial(shop, by_hand=True)
    with pytest.raises(Refused, match="not_for_you"):
        take(shop)
    offered = offer_trial(shop.call(), member=shop.member.public_id, trial="cold-brew")
    assert (offered.state, results(shop).left) == ("offered", 2)
    with pytest.raises(Conflict, match="trial_offered"):
        offer_trial(shop.call(), member=shop.member.public_id, trial="cold-brew")
    taken = take(shop)
    assert (taken.id, taken.state) == (offered.id, "accepted")
    with pytest.raises(Conflict, match="trial_taken"):
        offer_trial(shop.call(), member=shop.member.public_id, trial="cold-brew")


def test_an_offer_can_be_taken_back(shop: Shop) -> None:
    trial(shop, by_hand=True)
    offered = offer_trial(shop.call(), member=shop.member.public_id, trial="cold-brew")
    assert return_trial(shop.call(), taking=offered.id).state == "returned"
    assert results(shop).left == 2
    with pytest.raises(Refused, match="not_for_you"):
        take(shop)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": ""}, "code"),
        ({"sku": ""}, "sku"),
        ({"what": "plan"}, "plan"),
        ({"budget": 0}, "budget"),
        ({"collect_days": 0}, "collect_days"),
        ({"ask_days": 91}, "ask_days"),
        ({"convert_days": 0}, "convert_days"),
        ({"plan_days": 0}, "plan_days"),
        ({"code": "Cold Brew"}, "code"),
    ],
)
def test_what_is_wrong_with_a_trial_is_told_by_field(
    shop: Shop, values: dict[str, Any], field: str
) -> None:
    given = {"name": "Cold brew", "code": "cold-brew", "sku": SKU, **values}
    with pytest.raises(DomainError) as refused:
        create_rule(shop.call(), kind="trials.trial", values=given)
    assert refused.value.field == field


@pytest.mark.parametrize("stars", [0, 6, -1, True])
def test_stars_are_one_to_five(shop: Shop, stars: Any) -> None:
    trial(shop)
    taken = take(shop, hand_over=True)
    with pytest.raises(Invalid) as refused:
        give_feedback(shop.call(), taking=taken.id, stars=stars)
    assert refused.value.field == "stars"


def test_nobody_says_what_they_think_of_what_they_have_not_got(shop: Shop) -> None:
    trial(shop)
    taken = take(shop)
    with pytest.raises(Refused, match="trial_not_given"):
        give_feedback(shop.call(), taking=taken.id, stars=5)
    given = hand_over_trial(shop.call(), taking=taken.id)
    give_feedback(shop.call(), taking=given.id, stars=2)
    assert give_feedback(shop.call(), taking=given.id, stars=5).stars == 5, "the last word counts"
    with later(30):
        assert look_after_trials() == 0, "nobody is asked what they said already"
    with pytest.raises(Invalid, match="too_long"):
        give_feedback(shop.call(), taking=given.id, stars=5, comment="x" * 1_001)


def test_what_is_over_is_not_taken_and_what_was_given_still_wins(shop: Shop) -> None:
    published = trial(shop)
    taken = take(shop)
    end_rule(shop.call(), rule=published.rule)
    fresh(shop)
    with pytest.raises(Refused, match="trial_not_on_offer"):
        take(shop, person(shop, "Dan"))
    with pytest.raises(NotFound):
        take_trial(shop.call(), member=shop.member.public_id, trial="nope")
    hand_over_trial(shop.call(), taking=taken.id)
    assert buy(shop).effects


def test_another_programmes_trial_does_not_exist(shop: Shop, other_shop: Shop) -> None:
    trial(other_shop)
    taken = take(other_shop)
    for move in (hand_over_trial, return_trial, look_after_trial):
        with pytest.raises(NotFound):
            move(shop.call(), taking=taken.id)
    with pytest.raises(NotFound):
        take(shop)


def test_a_card_on_hold_gets_nothing(shop: Shop) -> None:
    trial(shop)
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(state="held")
    with pytest.raises(Refused, match="member_not_active"):
        take(shop)


def test_rules_may_ask_who_tried_and_did_not_buy(shop: Shop) -> None:
    trial(shop)
    create_segment(
        shop.call(),
        code="undecided",
        name="Tried, not bought",
        conditions=[
            {"fact": "trial.had", "op": "contains", "value": "cold-brew"},
            {"fact": "trial.bought", "op": "lacks", "value": "cold-brew"},
        ],
    )
    fresh(shop)
    with in_programme(shop.programme):
        from campaigns.segments import selectors as segments
        from loyalty.engine.conditions import parse

        conditions = parse(segments.access_segment("undecided").conditions)
        assert segments.counted(conditions, programme=shop.programme).members == 0
        take(shop, hand_over=True)
        assert segments.counted(conditions, programme=shop.programme).members == 1
        buy(shop)
        assert segments.counted(conditions, programme=shop.programme).members == 0


def test_a_limit_a_day_is_told(shop: Shop) -> None:
    limits = [{"maximum": 1, "period": "day", "measure": "times", "by_all": True}]
    trial(shop, limits=limits)
    take(shop)
    with pytest.raises(Refused, match="limit_reached"):
        take(shop, person(shop, "Dan"))
    with later(1):
        assert take(shop, person(shop, "Eve")).state == "accepted"


def test_taken_twice_under_one_key_is_taken_once(shop: Shop) -> None:
    trial(shop)
    first = take_trial(shop.call(key="k"), member=shop.member.public_id, trial="cold-brew")
    assert take_trial(shop.call(key="k"), member=shop.member.public_id, trial="cold-brew") == first
    with pytest.raises(Conflict, match="trial_taken"):
        take(shop)
    with in_programme(shop.programme):
        assert AppliedEffect.objects.count() == 1
        assert timedelta(0) < Taking.objects.get().collect_until - now() <= timedelta(days=8)
