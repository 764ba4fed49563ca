"""Many phones at the same instant: one play is one play, the last cake is one cake."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.games.models import Play, PrizeStock
from campaigns.games.services import claim, draw, play
from loyalty.common.clock import now, played_at
from loyalty.common.errors import Refused
from loyalty.tenancy.scope import in_programme
from tests.campaigns.games.games_of import NONE, TEN, buy, game, raffle, somebody
from tests.loyalty.commands.test_races import at_once
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy() -> Shop:
    return make_shop("busy", owner="ben@example.com", member="Ana")


def test_two_phones_and_the_last_play(busy: Shop) -> None:
    wheel = game(busy, free_per_day=0, tickets=1)
    buy(busy)

    def spins(number: int) -> Any:
        call = busy.call(key=f"phone-{number}")
        return play(call, game=wheel.rule, member=busy.member.public_id)

    answers = at_once(4, spins)
    assert sum(not isinstance(one, Exception) for one in answers) == 1, answers
    assert {one.code for one in answers if isinstance(one, Refused)} == {"no_play_left"}
    with in_programme(busy.programme):
        assert Play.objects.count() == 1


def test_five_winners_and_two_cakes(busy: Shop) -> None:
    cake = {**TEN, "code": "cake", "odds_ppm": 1_000_000, "stock": 2, "instead": "none"}
    wheel = game(busy, prizes=[cake, {**NONE, "odds_ppm": 0}])
    people = [busy.member, *(somebody(busy) for _each in range(4))]

    def spins(number: int) -> Any:
        call = busy.call(key=f"person-{number}")
        return play(call, game=wheel.rule, member=people[number].public_id)

    answers = at_once(5, spins)
    assert sorted(one.given for one in answers) == ["cake", "cake", "none", "none", "none"]
    with in_programme(busy.programme):
        assert PrizeStock.objects.get().given == 2


def test_entries_get_numbers_of_their_own_and_a_prize_is_claimed_once(busy: Shop) -> None:
    lottery = raffle(busy)
    people = [somebody(busy) for _each in range(4)]

    def enters(number: int) -> Any:
        call = busy.call(key=f"entry-{number}")
        return play(call, game=lottery.rule, member=people[number].public_id)

    assert sorted(one.entry for one in at_once(4, enters)) == [1, 2, 3, 4]
    with played_at(now() + timedelta(days=1, minutes=1)):
        (win,) = draw(busy.call(), game=lottery.rule).wins
    with in_programme(busy.programme):
        winner = Play.objects.get(entry=win.entry).member.public_id

    def claims(number: int) -> Any:
        return claim(busy.call(key=f"claim-{number}"), win=win.id, member=winner)

    answers = at_once(3, claims)
    assert sum(not isinstance(one, Exception) for one in answers) == 1, answers
