"""The server's secret key was changed: games rest, say so, lose nothing, and go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from pytest_django import Settings

from campaigns.games.models import Draw, Play
from campaigns.games.rules.fairness import SCALE, commitment, message_of, number_below
from campaigns.games.services import draw, renew_seed
from loyalty.common.clock import now
from loyalty.common.errors import Refused
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.campaigns.games.games_of import (
    balance,
    buy,
    game,
    is_sound,
    jobs,
    plays_left,
    prizes,
    raffle,
    spin,
)
from tests.campaigns.games.test_pages import _ana, _ben, _text
from tests.forms import form_values
from tests.world import Shop

NEW_KEY = "another secret key of this server, long enough to be taken 0123456789"


def _rotate(settings: Settings, *, naming_the_old: bool = False) -> str:
    """Change the key; the log-ins of these stories are made after it."""
    old = settings.SECRET_KEY
    settings.SECRET_KEY = NEW_KEY
    settings.SECRET_KEY_FALLBACKS = [old] if naming_the_old else []
    return old


def test_a_game_rests_and_goes_on_when_the_old_key_is_named(shop: Shop, settings: Settings) -> None:
    wheel = game(shop, free_per_day=0, tickets=1, prizes=prizes(ten=1_000_000))
    buy(shop)
    old = _rotate(settings)
    ana, ben = _ana(shop), _ben(shop)
    page = f"/p/cafe/games/{wheel.rule}/"
    shown = _text(ana, page)
    assert "This game rests" in shown and "Spin the wheel" not in shown
    refused = ana.post(page, {}, follow=True)
    assert refused.status_code == 200 and "Nothing was spent." in refused.content.decode()
    api = Api(make_key(shop))
    played = api.post(f"games/{wheel.rule}/plays/", {"member": shop.member.public_id})
    assert (played.status_code, played.data["code"]) == (422, "game_rests")
    assert api.get(f"games/{wheel.rule}/").data["rests"] is True
    assert (plays_left(shop, wheel), balance(shop)) == (1, 0)
    assert "Games that rest" in _text(ben, "/dashboard/cafe/")
    assert "DJANGO_SECRET_KEY_FALLBACKS" in _text(ben, f"/dashboard/cafe/games/{wheel.rule}/")
    jobs()
    settings.SECRET_KEY_FALLBACKS = [old]
    assert spin(shop, wheel).given == "ten"
    with pytest.raises(Refused, match="seed_is_good"):
        renew_seed(shop.call(), game=wheel.rule)
    assert (plays_left(shop, wheel), balance(shop)) == (0, 10)
    assert "Games that rest" not in _text(ben, "/dashboard/cafe/")


def test_the_owner_chooses_a_new_seed_and_old_plays_say_why_they_cannot_be_checked(
    shop: Shop, settings: Settings
) -> None:
    wheel = game(shop, free_per_day=2, daily_seed=True, prizes=prizes(ten=1_000_000))
    first = spin(shop, wheel)
    old = _rotate(settings)
    ana, ben, page = _ana(shop), _ben(shop), f"/dashboard/cafe/games/{wheel.rule}/"
    form = form_values(_text(ben, page))
    assert form["do"] == ["renew"]
    assert "under a new seed" in ben.post(page, form, follow=True).content.decode()
    again = ben.post(page, form)
    assert again.status_code == 302, "the same form sent twice chooses once"
    second = spin(shop, wheel)
    assert second.commitment != first.commitment and second.number == 2
    proof = f"/p/cafe/games/plays/{first.play}/check/"
    api = Api(make_key(shop))
    with time_machine.travel(now() + timedelta(minutes=10)):
        jobs()
        assert "does not have the key" in _text(ana, proof)
        seeds = api.get(f"games/{wheel.rule}/seeds/").data["seeds"]
        assert [one["is_lost"] for one in seeds] == [False, True]
        # The key is found after all: the old seed is shown like any other, and checks.
        settings.SECRET_KEY_FALLBACKS = [old]
        jobs()
        seed = api.get(f"games/{wheel.rule}/seeds/").data["seeds"][1]["seed"]
    assert commitment(seed) == first.commitment
    with in_programme(shop.programme):
        player = Play.objects.get(public_id=first.play).player
    assert number_below(seed, message_of(wheel.rule, player, 1), SCALE) == first.outcome_ppm
    # What was shown once needs no key any more.
    settings.SECRET_KEY_FALLBACKS = []
    assert seed in _text(ana, proof)
    assert is_sound(shop)


def test_a_draw_waits_for_its_key_and_keeps_every_entry(shop: Shop, settings: Settings) -> None:
    lot = raffle(shop, free_per_day=1)
    assert spin(shop, lot).entry == 1
    buy(shop)
    _rotate(settings)
    with pytest.raises(Refused, match="game_rests"):
        spin(shop, lot)
    assert plays_left(shop, lot) == 1
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        jobs()
        with pytest.raises(Refused, match="game_rests"):
            draw(shop.call(), game=lot.rule)
        with in_programme(shop.programme):
            assert not Draw.objects.exists(), "nobody is drawn by half"
        renew_seed(shop.call(), game=lot.rule)
        jobs()
        with in_programme(shop.programme):
            made = Draw.objects.get()
    assert (made.entries, made.seed.number, made.seed.entries) == (1, 2, 1)
    assert commitment(made.seed.shown) == made.seed.commitment
