"""Draws by lot: entries, the draw itself, claims, and prizes nobody claimed."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from campaigns.games import selectors
from campaigns.games.models import Play, Win
from campaigns.games.rules.fairness import pick
from campaigns.games.services import claim, draw
from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError, NotFound
from loyalty.outbox.relay import relay_due
from loyalty.tenancy.scope import in_programme
from members.profiles.services import erase_member
from tests.campaigns.games.games_of import (
    TEN,
    balance,
    buy,
    game,
    is_sound,
    jobs,
    raffle,
    somebody,
    spin,
)
from tests.world import Shop


def _code(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def test_a_draw_from_the_first_entry_to_the_claimed_prize(shop: Shop) -> None:
    lottery = raffle(shop)
    buy(shop)
    entries = [spin(shop, lottery), spin(shop, lottery), spin(shop, lottery, member=somebody(shop))]
    assert [one.entry for one in entries] == [1, 2, 3]
    assert [one.paid for one in entries] == ["free", "ticket", "free"]
    with pytest.raises(DomainError) as early:
        draw(shop.call(), game=lottery.rule)
    assert _code(early) == "too_early"
    with played_at(now() + timedelta(days=1, minutes=1)):
        assert jobs() == 1
        assert jobs() == 0
        with pytest.raises(DomainError) as late:
            spin(shop, lottery)
        assert _code(late) == "game_closed"
        with pytest.raises(DomainError) as twice:
            draw(shop.call(), game=lottery.rule)
        assert _code(twice) == "drawn_already"
        with in_programme(shop.programme):
            made = selectors.draw_of(lottery.rule)
            assert made is not None
            (win,) = selectors.wins(made)
            winner = win.play.member
            seed = made.seed.shown
        assert hashlib.sha256(made.listed.encode()).hexdigest() == made.list_hash
        assert [line.split(":")[0] for line in made.listed.splitlines()] == ["1", "2", "3"]
        expected = pick(
            seed, game=lottery.rule, hash_of_list=made.list_hash, place=1, turn=0, among=[1, 2, 3]
        )
        assert win.play.entry == expected
        loser = next(
            one for one in (shop.member.public_id, entries[2].member) if one != winner.public_id
        )
        with pytest.raises(NotFound):
            claim(shop.call(), win=win.public_id, member=loser)
        done = claim(shop.call(), win=win.public_id, member=winner.public_id)
        assert sum(one.amount for one in done.effects if one.asset == "points") == 10
        with pytest.raises(DomainError) as again:
            claim(shop.call(), win=win.public_id, member=winner.public_id)
        assert _code(again) == "claimed_already"
    assert is_sound(shop)


def test_one_prize_a_member_however_many_entries(shop: Shop) -> None:
    lottery = raffle(shop, winners=3, free_per_day=20)
    for _each in range(10):
        spin(shop, lottery)
    spin(shop, lottery, member=somebody(shop))
    with played_at(now() + timedelta(days=1, minutes=1)):
        jobs()
    with in_programme(shop.programme):
        made = selectors.draw_of(lottery.rule)
        assert made is not None
        people = [one.play.member_id for one in selectors.wins(made)]
    assert len(people) == len(set(people)) == 2, "two people, so two winners of three places"


def test_nobody_entered(shop: Shop) -> None:
    lottery = raffle(shop)
    with played_at(now() + timedelta(days=1, minutes=1)):
        assert jobs() == 1
    with in_programme(shop.programme):
        made = selectors.draw_of(lottery.rule)
        assert made is not None
        assert (made.entries, selectors.wins(made)) == (0, [])


def test_what_nobody_claims_is_drawn_again_and_then_lapses(shop: Shop) -> None:
    lottery = raffle(shop, claim_days=7, redraws=1)
    for member in (shop.member, somebody(shop), somebody(shop)):
        spin(shop, lottery, member=member)
    with played_at(now() + timedelta(days=1, minutes=1)):
        jobs()
    with played_at(now() + timedelta(days=9)):
        assert jobs() == 1
        first, second = _wins(shop)
        assert (first.state, second.state, second.turn) == ("lapsed", "waiting", 1)
        assert first.play_id != second.play_id
        with pytest.raises(DomainError) as late:
            claim(shop.call(), win=first.public_id, member=first.play.member.public_id)
        assert _code(late) == "claim_too_late"
    with played_at(now() + timedelta(days=20)):
        jobs()
        assert [one.state for one in _wins(shop)] == ["lapsed", "lapsed"], (
            "once again, not for ever"
        )
        assert jobs() == 0


def _wins(shop: Shop) -> list[Win]:
    with in_programme(shop.programme):
        return list(Win.objects.select_related("play", "play__member").order_by("turn"))


def test_who_is_erased_is_not_drawn_and_gives_a_prize_on(shop: Shop) -> None:
    lottery = raffle(shop)
    gone, other = somebody(shop), somebody(shop)
    for member in (shop.member, gone, other):
        spin(shop, lottery, member=member)
    erase_member(shop.call(), member=gone.public_id)
    relay_due()
    with played_at(now() + timedelta(days=1, minutes=1)):
        jobs()
        (win,) = _wins(shop)
        assert win.play.member_id != gone.pk
        with in_programme(shop.programme):
            made = selectors.draw_of(lottery.rule)
            assert made is not None
            assert made.entries == 2
        erase_member(shop.call(), member=win.play.member.public_id)
        jobs()
        states = [(one.state, one.play.member_id) for one in _wins(shop)]
    left = ({shop.member.pk, other.pk} - {win.play.member_id}).pop()
    assert states == [("lapsed", win.play.member_id), ("waiting", left)]


def test_a_wheel_is_not_drawn_and_a_draw_needs_winners(shop: Shop) -> None:
    with pytest.raises(DomainError) as wheel:
        draw(shop.call(), game=game(shop).rule)
    assert _code(wheel) == "not_a_draw"
    for prize in (
        {**TEN},
        {**TEN, "stock": 0},
        {**TEN, "stock": 1, "odds_ppm": 5},
        {**TEN, "stock": 501},
    ):
        with pytest.raises(DomainError):
            raffle(shop, prizes=[prize])


def test_an_ended_draw_still_keeps_its_word(shop: Shop) -> None:
    from loyalty.engine.publishing import end_rule

    lottery = raffle(shop)
    spin(shop, lottery)
    end_rule(shop.call(), rule=lottery.rule)
    with played_at(now() + timedelta(days=1, minutes=1)):
        assert jobs() == 1
        (win,) = _wins(shop)
        claim(shop.call(), win=win.public_id, member=shop.member.public_id)
    assert balance(shop) == 10
    with in_programme(shop.programme):
        assert Play.objects.count() == 1
