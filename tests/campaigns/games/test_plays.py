"""Wheels and scratch cards: what a play costs, what it gives, and that anybody can check it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.games import selectors
from campaigns.games.models import Play, PrizeStock
from campaigns.games.rules.fairness import SCALE, commitment, message_of, number_below, player_of
from campaigns.games.rules.figures import hint
from campaigns.games.services import play
from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError, Invalid, Refused, Several
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import member_view, terms_of
from loyalty.engine.memory import MemoryWorld
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.engine.plug import mechanics
from loyalty.engine.publishing import create_rule, end_rule, publish_rule
from loyalty.engine.run import run
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from rewards.catalog.models import Voucher
from tests.campaigns.games.games_of import (
    LEGAL,
    NONE,
    TEN,
    balance,
    buy,
    changed,
    game,
    is_sound,
    jobs,
    plays_left,
    prizes,
    somebody,
    spin,
)
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop


def _refused(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(DomainError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def test_one_free_play_a_day_by_the_local_calendar(shop: Shop) -> None:
    wheel = game(shop)
    evening = datetime(2026, 12, 1, 16, 30, tzinfo=UTC)  # half past eleven at night in Vietnam
    with played_at(evening):
        first = spin(shop, wheel)
        assert (first.paid, first.number) == ("free", 1)
        assert _refused(spin, shop, wheel) == "no_play_left"
    with played_at(evening + timedelta(hours=1)):
        assert spin(shop, wheel).number == 2
    assert balance(shop) == 10 * sum(one.given == "ten" for one in _plays(shop))
    assert is_sound(shop)


def _plays(shop: Shop) -> list[Play]:
    with in_programme(shop.programme):
        return list(Play.objects.order_by("id"))


def test_a_purchase_earns_plays_and_points_buy_one(shop: Shop) -> None:
    wheel = game(shop, free_per_day=0, tickets=2, minimum_minor=100_000, points_cost=5)
    buy(shop, 99_999)
    assert plays_left(shop, wheel) == 0
    buy(shop, 100_000)
    assert plays_left(shop, wheel) == 2
    assert {spin(shop, wheel).paid for _each in range(2)} == {"ticket"}
    assert _refused(spin, shop, wheel) == "costs_points"
    before = balance(shop)
    if before >= 5:
        spin(shop, wheel, with_points=True)
        assert balance(shop) in (before - 5, before + 5)
    else:
        assert _refused(spin, shop, wheel, with_points=True) == "insufficient_balance"
    assert is_sound(shop)


def test_what_the_odds_add_up_to_is_told_to_the_last_digit(shop: Shop) -> None:
    wrong = [{**TEN, "odds_ppm": 500_000}, {**NONE, "odds_ppm": 499_999}]
    with pytest.raises(Invalid) as caught:
        game(shop, prizes=wrong)
    assert (caught.value.code, caught.value.params) == (
        "odds_do_not_add_up",
        {"total_ppm": 999_999},
    )
    assert "999999" in str(caught.value.message)


@pytest.mark.parametrize(
    "wrong",
    [
        "prizes",
        [],
        [{**TEN, "odds_ppm": 1_000_000, "more": 1}],
        [{**TEN, "odds_ppm": -1}, {**NONE, "odds_ppm": 1_000_001}],
        [{**TEN, "odds_ppm": "1000000"}],
        [{**TEN, "odds_ppm": True}, {**NONE, "odds_ppm": 999_999}],
        [{**TEN, "odds_ppm": 500_000}, {**TEN, "odds_ppm": 500_000}],
        [{**TEN, "points": 0, "odds_ppm": 1_000_000}],
        [{**TEN, "reward": "rwd_1", "odds_ppm": 1_000_000}],
        [{**TEN, "kind": "reward", "points": 0, "reward": "rwd_none", "odds_ppm": 1_000_000}],
        [{**TEN, "kind": "car", "odds_ppm": 1_000_000}],
        [{**TEN, "code": "A B", "odds_ppm": 1_000_000}],
        [{**TEN, "name_vi": " ", "odds_ppm": 1_000_000}],
        [{**TEN, "name_vi": "x" * 61, "odds_ppm": 1_000_000}],
        [{**TEN, "odds_ppm": 1_000_000, "stock": -1}],
        [{**TEN, "odds_ppm": 1_000_000, "stock": 1, "instead": "ten"}],
        [{**TEN, "odds_ppm": 1_000_000, "instead": "none"}],
        [None],
        [[]],
        [{**TEN, "odds_ppm": 10**30}],
    ],
)
def test_prizes_that_make_no_sense_are_never_published(shop: Shop, wrong: Any) -> None:
    with pytest.raises((Invalid, Several)):
        game(shop, prizes=wrong)


@pytest.mark.parametrize("left_out", ["legal_vi", "legal_en", "free_per_day"])
def test_a_draft_may_wait_for_what_nobody_may_publish_without(shop: Shop, left_out: str) -> None:
    values = {"name": "W", "prizes": prizes(), "free_per_day": 1, **LEGAL}
    draft = create_rule(
        shop.call(), kind="games.game", values={k: v for k, v in values.items() if k != left_out}
    )
    with pytest.raises(Invalid) as caught:
        publish_rule(shop.call(), rule=draft.rule)
    assert (caught.value.code, caught.value.field) == ("required", left_out)


def test_in_vietnam_luck_that_comes_with_a_purchase_is_registered(shop: Shop) -> None:
    with pytest.raises(Invalid) as caught:
        game(shop, tickets=1, registration="")
    assert caught.value.field == "registration"
    game(shop, registration="")  # free plays for members alone need none
    with in_programme(shop.programme):
        Programme.objects.filter(pk=shop.programme.pk).update(country="SG")
    shop.programme.refresh_from_db()
    game(shop, name="Elsewhere", tickets=1, registration="")


def test_a_prize_that_is_gone_gives_its_substitute_whole(shop: Shop) -> None:
    cake = {
        "code": "cake",
        "name_vi": "Bánh",
        "kind": "reward",
        "reward": reward(shop, cost=None),
        "odds_ppm": 1_000_000,
        "stock": 1,
        "instead": "ten",
    }
    wheel = game(shop, prizes=[cake, {**TEN, "odds_ppm": 0}], free_per_day=5)
    first, second = spin(shop, wheel), spin(shop, wheel)
    assert (first.given, first.is_substitute) == ("cake", False)
    assert (second.prize, second.given, second.is_substitute) == ("cake", "ten", True)
    with in_programme(shop.programme):
        assert Voucher.objects.count() == 1
        assert PrizeStock.objects.get().given == 1
    assert balance(shop) == 10
    more = changed(shop, wheel, prizes=[{**cake, "stock": 2}, {**TEN, "odds_ppm": 0}])
    assert spin(shop, more).given == "cake", "one more was put in"
    assert spin(shop, more).given == "ten"


def test_without_a_substitute_nothing_is_given(shop: Shop) -> None:
    wheel = game(shop, prizes=[{**TEN, "odds_ppm": 1_000_000, "stock": 0}])
    done = spin(shop, wheel)
    assert (done.prize, done.given, balance(shop)) == ("ten", "", 0)


def test_store_credit_can_be_won(shop: Shop) -> None:
    credit = {
        "code": "cash",
        "name_vi": "5.000 ₫",
        "kind": "credit",
        "amount_minor": 5_000,
        "odds_ppm": 1_000_000,
    }
    spin(shop, game(shop, prizes=[credit]))
    assert balance(shop, "store_credit") == 5_000
    assert is_sound(shop)


def test_two_phones_and_one_play(shop: Shop) -> None:
    wheel = game(shop, free_per_day=0, tickets=1)
    buy(shop)
    call = shop.call(key="phone-1")
    first = play(call, game=wheel.rule, member=shop.member.public_id)
    again = play(shop.call(key="phone-1"), game=wheel.rule, member=shop.member.public_id)
    assert again == first, "the same phone sends it twice: the same play"
    assert _refused(spin, shop, wheel) == "no_play_left"
    assert len(_plays(shop)) == 1


def test_a_dry_run_leaves_nothing(shop: Shop) -> None:
    wheel = game(shop)
    play(shop.call(dry_run=True), game=wheel.rule, member=shop.member.public_id)
    assert _plays(shop) == []
    with in_programme(shop.programme):
        assert Activity.objects.count() == 0


def test_a_purchase_that_comes_back_takes_its_unused_play(shop: Shop) -> None:
    wheel = game(shop, free_per_day=0, tickets=1, minimum_minor=100_000)
    bought = buy(shop, 150_000)
    refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=40_000)
    assert plays_left(shop, wheel) == 1, "what stays is still enough"
    refund_purchase(shop.call(), purchase=bought.purchase, amount_minor=20_000)
    assert plays_left(shop, wheel) == 0, "less than asked for: the play goes"


@pytest.mark.parametrize(("policy", "left", "after_next"), [("keep", 0, 1), ("owe", -1, 0)])
def test_a_used_play_stays_or_is_owed(shop: Shop, policy: str, left: int, after_next: int) -> None:
    wheel = game(shop, free_per_day=0, tickets=1, used_policy=policy)
    bought = buy(shop)
    spin(shop, wheel)
    refund_purchase(shop.call(), purchase=bought.purchase)
    assert plays_left(shop, wheel) == left
    assert _refused(spin, shop, wheel) == "no_play_left"
    buy(shop)
    assert plays_left(shop, wheel) == after_next
    assert is_sound(shop)


def test_limits_audience_age_and_dates(shop: Shop) -> None:
    three = [{"maximum": 3, "period": "ever", "measure": "times"}]
    wheel = game(shop, free_per_day=9, limits=three)
    for _each in range(3):
        spin(shop, wheel)
    assert _refused(spin, shop, wheel) == "limit_reached"
    wheel = changed(shop, wheel, name="Second edition")
    assert _refused(spin, shop, wheel) == "limit_reached", "an edit refills nothing"
    vip = [{"fact": "member.tags", "op": "contains", "value": "vip"}]
    assert _refused(spin, shop, game(shop, audience=vip)) == "game_not_for_you"
    adults = game(shop, minimum_age=18)
    assert _refused(spin, shop, adults) == "birthday_needed"
    _born(shop, now().date().replace(year=now().year - 17, day=1))
    assert _refused(spin, shop, adults) == "too_young"
    _born(shop, now().date().replace(year=now().year - 19, day=1))
    assert spin(shop, adults).number == 1
    over = game(shop, ends_at=(now() + timedelta(hours=1)).isoformat())
    with played_at(now() + timedelta(hours=2)):
        assert _refused(spin, shop, over) == "game_closed"


def _born(shop: Shop, day: Any) -> None:
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(birthday=day)


def test_a_budget_is_how_often_it_is_played_by_all(shop: Shop) -> None:
    wheel = game(shop, free_per_day=5, budget=2)
    spin(shop, wheel)
    spin(shop, wheel, member=somebody(shop))
    assert _refused(spin, shop, wheel) == "limit_reached"


def test_anybody_can_check_a_play_with_nothing_but_sha256(shop: Shop) -> None:
    wheel = game(shop)
    with in_programme(shop.programme):
        shown = selectors.open_seed(wheel.rule)
        assert shown is not None
        beforehand = shown.commitment
    done = spin(shop, wheel)
    assert done.commitment == beforehand
    with in_programme(shop.programme):
        hidden = selectors.proof_of(selectors.access_play(done.play))
    assert hidden.seed == "", "not before the game is over"
    end_rule(shop.call(), rule=wheel.rule)
    jobs()
    with played_at(now() + timedelta(minutes=10)):
        jobs()
    with in_programme(shop.programme):
        proof = selectors.proof_of(selectors.access_play(done.play))
    seed = bytes.fromhex(proof.seed)
    assert hashlib.sha256(seed).hexdigest() == beforehand
    player = hashlib.sha256(f"{wheel.rule}|{shop.member.public_id}".encode()).hexdigest()[:16]
    assert proof.message == f"{wheel.rule}|{player}|1"
    digest = hmac.new(seed, proof.message.encode(), hashlib.sha256).digest()
    assert int.from_bytes(digest[:8], "big") % 1_000_000 == done.outcome_ppm
    (prize,) = [one for one, low, high in proof.ranges if low <= (done.outcome_ppm or 0) <= high]
    assert prize.code == done.prize


def test_a_daily_seed_is_shown_the_next_day_and_another_one_is_open(shop: Shop) -> None:
    with played_at(datetime(2026, 12, 1, 3, tzinfo=UTC)):
        wheel = game(shop, daily_seed=True)
        spin(shop, wheel)
        assert jobs() == 0, "nothing is due"
    for hours in (24, 25):
        with played_at(datetime(2026, 12, 1, 3, tzinfo=UTC) + timedelta(hours=hours)):
            jobs()
            assert jobs() == 0
    with in_programme(shop.programme):
        new, old = selectors.seeds(wheel.rule)
        assert commitment(old.shown) == old.commitment
        assert new.shown == ""
        assert new.commitment != old.commitment
    with played_at(datetime(2026, 12, 2, 5, tzinfo=UTC)):
        assert spin(shop, wheel).commitment == new.commitment


def test_a_game_is_not_played_before_its_seed_is_committed_to(shop: Shop) -> None:
    values = {"name": "W", "prizes": prizes(), "free_per_day": 1, **LEGAL}
    draft = create_rule(shop.call(), kind="games.game", values=values)
    publish_rule(shop.call(), rule=draft.rule)
    with pytest.raises(Refused) as caught:
        spin(shop, draft)
    assert caught.value.code == "game_not_ready"


def test_memory_replays_a_play_as_the_database_kept_it(shop: Shop) -> None:
    wheel = game(shop, free_per_day=0, tickets=1, prizes=prizes(ten=1_000_000))
    buy(shop)
    spin(shop, wheel)
    with in_programme(shop.programme):
        stored = list(Activity.objects.order_by("id"))
        programme = Programme.objects.get(pk=shop.programme.pk)
        world = MemoryWorld(
            terms=terms_of(programme), member=member_view(shop.member), now=shop.member.joined_at
        )
        terms = selectors.counting_games()
        (plug,) = [one for one in mechanics() if one.name == "games"]
        world.book.credit(world.transaction("accrual"), terms[0].asset, 1, reason="play_earned")
        row = stored[-1]
        data = ActivityData(type=row.type, key=row.key, happened_at=row.happened_at, data=row.data)
        mine = run(world, data, [(plug, terms)]).effects
        theirs = AppliedEffect.objects.filter(activity=row).order_by("id")
        assert [(one.kind, one.asset, one.amount) for one in mine] == [
            (one.kind, one.asset, one.amount) for one in theirs
        ]
    assert world.book.account("points").balance == balance(shop) == 10


def test_a_merged_card_keeps_todays_plays_as_played(shop: Shop) -> None:
    from members.profiles.models import Member as Card

    wheel, old = game(shop), somebody(shop)
    spin(shop, wheel, member=old)
    with in_programme(shop.programme):
        Card.objects.filter(pk=old.pk).update(state="merged", merged_into=shop.member)
    assert _refused(spin, shop, wheel) == "no_play_left"


def test_numbers_are_even_and_known() -> None:
    seed = "00" * 32
    assert commitment(seed) == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
    player = player_of("rul_1", "mem_1")
    counted = [0] * 10
    for number in range(1, 5_001):
        found = number_below(seed, message_of("rul_1", player, number), SCALE)
        counted[found // 100_000] += 1
    assert hint(counted, [100_000] * 10) == "usual"
    assert hint([900, 100], [500_000, 500_000]) == "unusual"
    assert hint([3, 4], [500_000, 500_000]) == "few"
    assert hint([], []) == "few"


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 1_000_000, (1 << 63) + 1])
def test_no_number_reaches_its_limit(limit: int) -> None:
    seed = "ab" * 32
    assert all(0 <= number_below(seed, f"m{n}", limit) < limit for n in range(50))
