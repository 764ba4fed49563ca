"""Games as pages: for members with and without a log-in, at the till, for the owner."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from campaigns.games import demo, selectors
from loyalty.common.clock import now, played_at
from loyalty.demo import cafe
from loyalty.engine.publishing import create_rule
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from members.profiles.selectors import personal_data
from rewards.points.services import change_settings
from tests.campaigns.games.games_of import (
    LEGAL,
    TEN,
    balance,
    buy,
    game,
    jobs,
    prizes,
    raffle,
    spin,
)
from tests.forms import form_values
from tests.rewards.catalog.rewards_of import reward
from tests.world import Shop


def _ana(shop: Shop) -> Client:
    user = User.objects.create_user("ana@example.com", "a long pass phrase", name="Ana")
    with in_programme(shop.programme):
        shop.member.user = user
        shop.member.save()
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def _ben(shop: Shop) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    return client


def _text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_a_member_spins_without_any_script(shop: Shop) -> None:
    wheel = game(shop, prizes=prizes(ten=1_000_000))
    client, page = _ana(shop), f"/p/cafe/games/{wheel.rule}/"
    assert "Lucky wheel" in _text(client, "/p/cafe/")
    assert "Lucky wheel" in _text(client, "/p/cafe/games/")
    shown = _text(client, page)
    assert "1 free play today" in shown and "100%" in shown
    answer = client.post(page, form_values(shown))
    assert answer.status_code == 302
    result = _text(client, answer["Location"])
    assert 'role="status"' in result and "10 points" in result
    assert balance(shop) == 10
    again = client.post(page, form_values(shown))
    assert again["Location"] == answer["Location"], "the same form sent twice plays once"
    refused = client.post(page, {}, follow=True)
    assert "There is no play left for now." in refused.content.decode()


def test_a_scratch_card_opens_by_keyboard_and_says_what_it_is(shop: Shop) -> None:
    card = game(shop, way="scratch")
    done = spin(shop, card)
    text = _text(_ana(shop), f"/p/cafe/games/plays/{done.play}/")
    assert "<details" in text and "<summary" in text


def test_everybody_reads_rules_and_checks_a_play_and_nobody_anothers_result(shop: Shop) -> None:
    wheel = game(shop)
    done = spin(shop, wheel)
    visitor = Client(headers={"Accept-Language": "en"})
    rules = _text(visitor, f"/p/cafe/games/{wheel.rule}/rules/")
    assert LEGAL["legal_en"] in rules and "50%" in rules and "SCT 12/2026" in rules
    proof = _text(visitor, f"/p/cafe/games/plays/{done.play}/check/")
    assert done.commitment in proof
    assert shop.member.public_id not in proof
    assert visitor.get(f"/p/cafe/games/plays/{done.play}/").status_code == 302
    assert "Log in to play" in _text(visitor, f"/p/cafe/games/{wheel.rule}/")
    assert "Odds: 10 points: 50%" in _text(visitor, "/p/cafe/terms/")
    assert visitor.get("/p/cafe/games/rul_nothing/").status_code == 404


def test_what_a_play_costs_is_told_in_the_shops_own_unit(shop: Shop) -> None:
    change_settings(shop.call(), values={"name_vi": "sao", "name_en": "stars"})
    game(shop, points_cost=3)
    for language, told in (("en", "a play costs 3 stars"), ("vi", "3 sao")):
        assert told in _text(Client(headers={"Accept-Language": language}), "/p/cafe/terms/")


def test_a_draw_from_the_members_page_to_the_claim(shop: Shop) -> None:
    lottery = raffle(shop)
    client, page = _ana(shop), f"/p/cafe/games/{lottery.rule}/"
    entered = client.post(page, {"idempotency_key": "one"})
    assert "Your number" in _text(client, entered["Location"])
    with played_at(now() + timedelta(days=1, minutes=1)):
        jobs()
    with in_programme(shop.programme):
        made = selectors.draw_of(lottery.rule)
        assert made is not None
        (win,) = selectors.wins(made)
    assert "Claim it" in _text(client, "/p/cafe/")
    assert made.list_hash in _text(Client(), page)
    assert Client().get(f"{page}list.txt").content.decode() == made.listed
    assert client.post("/p/cafe/games/claim/", {"win": win.public_id}).status_code == 302
    assert balance(shop) == 10


def test_the_cashier_can_say_that_a_play_was_won(shop: Shop) -> None:
    game(shop, tickets=1, free_per_day=0)
    bought = buy(shop)
    assert [one.reason for one in bought.effects] == ["play_earned"]
    text = _text(_ben(shop), f"/till/cafe/members/{shop.member.public_id}/")
    assert "1 play of “Lucky wheel” waits on their phone." in text


def test_the_owner_sets_prizes_in_rows_and_reads_what_keeps_it_from_being_published(
    shop: Shop,
) -> None:
    values = {"name": "Tet wheel", "free_per_day": 1, **LEGAL}
    draft = create_rule(shop.call(), kind="games.game", values=values).rule
    client = _ben(shop)
    assert "Say what can be won" in _text(client, f"/dashboard/cafe/rules/{draft}/")
    page = f"/dashboard/cafe/rules/{draft}/prizes/"
    drink = reward(shop, cost=None)
    sent = form_values(_text(client, page)) | {
        "name_vi-0": "Một ly nước",
        "kind-0": "reward",
        "reward-0": drink,
        "odds-0": "1.25",
        "stock-0": "20",
        "name_vi-1": "Hẹn lần sau",
        "kind-1": "nothing",
        "odds-1": "98",
    }
    wrong = client.post(page, sent)
    assert wrong.status_code == 422
    assert "992500" in wrong.content.decode()
    assert client.post(page, sent | {"odds-1": "98.75"}).status_code == 302
    shown = _text(client, f"/dashboard/cafe/rules/{draft}/")
    assert "1.25%" in shown and "Say what can be won" not in shown
    rows = _text(client, page)
    for name, kind in (("points", "points"), ("amount", "credit"), ("reward", "reward")):
        field = rows.split(f'name="{name}-0"')[1].split(">")[0]
        assert f'data-when="kind-0={kind}"' in field, "asked only where the prize is of that kind"
    assert "data-arranged" in rows and "when.js" in rows
    again = form_values(rows) | {"instead-0": "p2"}
    assert client.post(page, again).status_code == 302
    moved = client.post(f"/dashboard/cafe/rules/{draft}/do/publish/", {})
    assert moved.status_code == 302
    assert "98.75%" in _text(client, f"/dashboard/cafe/games/{draft}/")
    assert "Tet wheel" in _text(client, "/dashboard/cafe/games/")
    form = _text(client, f"/dashboard/cafe/rules/{draft}/edit/")
    assert "odds_ppm" not in form and "<textarea" in form


def test_the_owner_draws_when_it_is_time_and_not_before(shop: Shop) -> None:
    lottery = raffle(shop, prizes=[{**TEN, "stock": 2}])
    spin(shop, lottery)
    client, page = _ben(shop), f"/dashboard/cafe/games/{lottery.rule}/"
    assert "Draw now" not in _text(client, page)
    early = client.post(page, {}, follow=True)
    assert "not before" in early.content.decode()
    with in_programme(shop.programme):
        assert selectors.draw_of(lottery.rule) is None


def test_what_was_played_is_in_the_members_own_copy(shop: Shop) -> None:
    spin(shop, game(shop))
    with in_programme(shop.programme):
        assert len(personal_data(shop.member)["games"]) == 1


def test_the_demo_shop_has_a_wheel_and_a_draw(db: None) -> None:
    shop = cafe.open_shop()
    with in_programme(shop.programme):
        holder = Holder.objects.create()
        member = Member.objects.create(holder=holder, name="Hoa", joined_at=now())
    demo.finish(shop, member=member.public_id)
    with in_programme(shop.programme):
        assert {one.way for one in selectors.games(open_only=True)} == {"spin", "draw"}
        assert selectors.plays().count() == 1


def test_the_list_of_games_calls_only_to_what_can_be_played(shop: Shop) -> None:
    wheel = game(shop, prizes=prizes(ten=1_000_000))
    client = _ana(shop)
    before = _text(client, "/p/cafe/games/")
    calls = f'class="btn btn-primary" href="/p/cafe/games/{wheel.rule}/"'
    assert calls in before
    spin(shop, wheel)
    after = _text(client, "/p/cafe/games/")
    assert "No play left for now" in after
    assert "Look at the game" in after
    assert calls not in after
