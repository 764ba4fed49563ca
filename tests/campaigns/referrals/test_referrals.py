"""Bring a friend, lived through over the REST API: who is paid what, when, and what undoes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.referrals.rules.codes import ALPHABET
from tests.campaigns.referrals.invites import Scheme
from tests.world import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheme(shop: Shop) -> Scheme:
    return Scheme(shop)


def test_both_are_paid_once_the_days_to_return_are_over(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    assert scheme.state(bo) == "joined"
    bought = scheme.buy(bo)
    scheme.work()
    assert scheme.state(bo) == "bought"
    scheme.pass_days(13)
    assert (scheme.balance(ana), scheme.balance(bo)) == (0, 0)
    scheme.pass_days(2)
    assert (scheme.balance(ana), scheme.balance(bo)) == (50, 20)
    told = scheme.referral(bo)
    assert (told["state"], told["outcome"], told["purchase"]) == (
        "paid",
        "paid",
        bought["purchase"],
    )
    scheme.buy(bo)
    scheme.pass_days(30)
    assert (scheme.balance(ana), scheme.balance(bo)) == (50, 20), "only the first one counts"
    assert scheme.is_sound()


def test_the_last_day_to_return_counts_to_its_end(scheme: Scheme) -> None:
    _ana, bo = scheme.pair()
    scheme.buy(bo)  # 10 in the morning in Ho Chi Minh City
    scheme.pass_days(14, hours=13)  # 23 o'clock on the fourteenth day
    assert scheme.state(bo) == "bought"
    scheme.pass_days(hours=1)
    assert scheme.state(bo) == "paid"


def test_without_days_to_return_both_are_paid_at_once(shop: Shop) -> None:
    scheme = Scheme(shop, return_days=0)
    ana, bo = scheme.pair()
    scheme.buy(bo)
    scheme.work()
    assert (scheme.balance(ana), scheme.balance(bo)) == (50, 20)


def test_a_quote_says_what_is_coming(scheme: Scheme) -> None:
    _ana, bo = scheme.pair()
    coming = [one for one in scheme.quote(bo)["effects"] if one["mechanic"] == "referrals"]
    assert len(coming) == 1
    assert coming[0]["details"]["points"] == 20
    assert coming[0]["details"]["gift_en"] == "20 points"
    assert coming[0]["details"]["day_vi"] == "17 thg 3 2026"
    assert scheme.state(bo) == "joined", "a quote changes nothing"


def test_only_a_purchase_of_enough_counts(shop: Shop) -> None:
    scheme = Scheme(shop, minimum_minor=100_000)
    _ana, bo = scheme.pair()
    scheme.buy(bo, 99_999)
    scheme.work()
    assert scheme.state(bo) == "joined"
    scheme.buy(bo, 100_000)
    scheme.work()
    assert scheme.state(bo) == "bought"


def test_who_buys_too_late_brings_nothing(shop: Shop) -> None:
    scheme = Scheme(shop, within_days=7)
    ana, bo = scheme.pair()
    scheme.pass_days(7)
    assert scheme.state(bo) == "joined"
    scheme.pass_days(1)
    assert scheme.state(bo) == "expired"
    scheme.buy(bo)
    scheme.pass_days(20)
    assert scheme.state(bo) == "expired"
    assert scheme.balance(ana) == 0


def test_a_receipt_that_comes_late_still_lies_in_time(shop: Shop) -> None:
    scheme = Scheme(shop, within_days=7)
    ana, bo = scheme.pair()
    bought_at = (scheme.now + timedelta(days=6)).isoformat()
    scheme.pass_days(9)
    assert scheme.state(bo) == "expired"
    body = {"member": bo, "total_minor": 50_000, "happened_at": bought_at}
    scheme.did(scheme.ask("POST", "purchases/", body))
    scheme.work()
    assert scheme.state(bo) == "bought"
    scheme.pass_days(13)
    assert scheme.state(bo) == "bought", "by our own clock, whatever the receipt says"
    scheme.pass_days(2)
    assert scheme.balance(ana) == 50


def test_what_comes_back_in_time_is_not_paid(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    bought = scheme.buy(bo)
    scheme.pass_days(3)
    scheme.refund(bought)
    scheme.work()
    assert scheme.state(bo) == "withdrawn"
    scheme.pass_days(12)
    assert (scheme.balance(ana), scheme.balance(bo)) == (0, 0)
    scheme.buy(bo)
    scheme.pass_days(15)
    assert (scheme.balance(ana), scheme.balance(bo)) == (50, 20), "another one in time counts"


def test_a_part_that_comes_back_leaves_it_while_enough_stays(shop: Shop) -> None:
    scheme = Scheme(shop, minimum_minor=60_000)
    _ana, bo = scheme.pair()
    bought = scheme.buy(bo, 100_000)
    scheme.refund(bought, amount_minor=40_000)
    scheme.work()
    assert scheme.state(bo) == "bought"
    scheme.refund(bought, amount_minor=1)
    scheme.work()
    assert scheme.state(bo) == "withdrawn"


def test_a_refund_after_payment_takes_both_back(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    bought = scheme.buy(bo)
    scheme.pass_days(15)
    scheme.refund(bought)
    scheme.work()
    assert (scheme.balance(ana), scheme.balance(bo)) == (0, 0)
    assert scheme.state(bo) == "withdrawn"
    scheme.buy(bo)
    scheme.pass_days(40)
    assert (scheme.balance(ana), scheme.balance(bo)) == (0, 0), "paid once is paid once"
    assert scheme.is_sound()


def test_events_may_come_twice_and_in_any_order(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    first = scheme.buy(bo)
    scheme.refund(first)
    scheme.buy(bo)  # nobody was told of anything yet
    scheme.work()
    assert scheme.state(bo) == "bought"
    scheme.pass_days(15)
    _again(scheme)
    assert (scheme.balance(ana), scheme.balance(bo)) == (50, 20)


def _again(scheme: Scheme) -> None:
    """Hand every event on once more."""
    from loyalty.outbox.models import Event
    from loyalty.tenancy.scope import in_programme

    with in_programme(scheme.shop.programme):
        Event.objects.update(due_at=scheme.now, attempts=0)
    scheme.work()


def test_what_was_promised_on_joining_is_kept(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    changed = scheme.change(referrer_points=5, friend_points=5)
    dan = scheme.join("Dan", code=scheme.code(ana))
    scheme.buy(bo)
    scheme.did(scheme.ask("POST", f"rules/{changed}/end/", {}))
    scheme.buy(dan)
    scheme.pass_days(15)
    assert (scheme.balance(bo), scheme.balance(dan)) == (20, 5)
    assert scheme.balance(ana) == 55


def test_a_limit_is_the_referrers_and_says_so(shop: Shop) -> None:
    month = {"maximum": 1, "period": "month", "measure": "times"}
    scheme = Scheme(shop, return_days=0, limits=[month])
    ana, bo = scheme.pair()
    dan = scheme.join("Dan", code=scheme.code(ana))
    for friend in (bo, dan):
        scheme.buy(friend)
        scheme.work()
    assert (scheme.balance(ana), scheme.balance(bo), scheme.balance(dan)) == (50, 20, 20)
    assert (scheme.referral(bo)["outcome"], scheme.referral(dan)["outcome"]) == ("paid", "limit")
    scheme.pass_days(31)
    eve = scheme.join("Eve", code=scheme.code(ana))
    scheme.buy(eve)
    scheme.work()
    assert scheme.balance(ana) == 100


def test_a_budget_counts_referrals_over_all_versions(shop: Shop) -> None:
    scheme = Scheme(shop, return_days=0, budget=1)
    ana, bo = scheme.pair()
    dan = scheme.join("Dan", code=scheme.code(ana))
    scheme.change(referrer_points=60)
    scheme.buy(bo)
    scheme.work()
    scheme.buy(dan)
    scheme.work()
    assert (scheme.state(bo), scheme.state(dan)) == ("paid", "rejected")
    assert scheme.referral(dan)["why"] == "budget"
    refused = scheme.try_join("Eve", code=scheme.code(ana))
    assert (refused.status_code, refused.data["code"]) == (422, "code_ended")


def test_store_credit_and_rewards_are_given_too(shop: Shop) -> None:
    from tests.rewards.catalog.rewards_of import reward

    cake = reward(shop, cost=None)
    scheme = Scheme(shop, return_days=0, referrer_credit_minor=30_000, friend_reward=cake)
    ana, bo = scheme.pair()
    scheme.buy(bo)
    scheme.work()
    assert scheme.balance(ana, "store_credit") == 30_000
    vouchers = scheme.did(scheme.ask("GET", f"members/{bo}/vouchers/"))["data"]
    assert len(vouchers) == 1
    figures = scheme.did(scheme.ask("GET", "referrals/figures/"))[0]
    assert {name: figures[name] for name in ("invited", "bought", "paid", "points", "rewards")} == {
        "invited": 1,
        "bought": 1,
        "paid": 1,
        "points": 70,
        "rewards": 1,
    }
    assert figures["credit_minor"] == 30_000


def test_a_mission_counts_friends_and_a_condition_asks_for_them(scheme: Scheme) -> None:
    scheme.rule(
        "challenges.mission",
        name="Two friends",
        counts="times",
        activity_type="referral.qualified",
        target=2,
        points=100,
    )
    ana, bo = scheme.pair()
    dan = scheme.join("Dan", code=scheme.code(ana))
    for friend in (bo, dan):
        scheme.buy(friend)
    scheme.pass_days(15)
    assert scheme.balance(ana) == 200
    scheme.rule(
        "points.earning_rule",
        name="For who brings friends",
        basis="fixed",
        points=7,
        audience=[{"fact": "referrals.paid", "op": "gte", "value": 2}],
    )
    scheme.buy(ana)
    scheme.buy(bo)
    assert (scheme.balance(ana), scheme.balance(bo)) == (207, 20)


def test_a_code_reads_in_any_spelling(scheme: Scheme) -> None:
    ana = scheme.join("Ana")
    code = scheme.code(ana)
    assert set(code.replace("-", "")) <= set(ALPHABET)
    assert scheme.code(ana) == code, "the same one each time"
    for spelling in (code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        scheme.join(code=spelling)
    made: Any = scheme.did(scheme.ask("GET", f"members/{ana}/referrals/"))
    assert (made["made"], made["paid"], made["code"]) == (3, 0, code)
