"""The owner's pages of punch cards."""

from __future__ import annotations

import pytest
from django.test import Client

from loyalty.tenancy.scope import in_programme
from rewards.punchcards.forms import initial_of
from rewards.punchcards.models import PunchCard
from tests.rewards.punchcards.cards_of import buy, card, coffees, free_coffee, stamps, vouchers
from tests.world import Shop


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    client.cookies["django_language"] = "en"
    return client


BASE = "/dashboard/cafe/punchcards/"


def test_a_card_is_drawn_drafted_published_edited_and_paused(shop: Shop, ben: Client) -> None:
    coffee = free_coffee(shop)
    form = {
        "name": "Coffee card",
        "stamp_per": "item",
        "skus": "coffee, latte",
        "stamps_needed": "10",
        "head_start": "2",
        "head_start_every": "on",
        "reward": coffee,
        "position_1": "5",
        "interim_1": coffee,
        "daily_limit": "4",
        "expiry_kind": "rolling",
        "expiry_count": "6",
        "expiry_unit": "month",
        "carry_over": "on",
        "icon": "coffee",
    }
    drawn = ben.get(f"{BASE}picture/", form).content.decode()
    assert drawn.count("is-gift") == 2 and drawn.count("is-reward") == 2
    assert (
        "<html" not in ben.get(f"{BASE}picture/", headers={"hx-request": "true"}).content.decode()
    )
    opened = ben.get(f"{BASE}picture/").content.decode()
    assert "<html lang=" in opened and "<title>" in opened, "who opens it alone gets a page"
    made = ben.post(f"{BASE}new/", form)
    assert made.status_code == 302, made.content.decode()
    ben.post(made["Location"], {"act": "publish"})
    buy(shop, coffees(3))
    page = ben.get(made["Location"]).content.decode()
    assert "Coffee card" in page and "Stamps given" in page
    edited = ben.post(f"{made['Location']}edit/", {**form, "stamps_needed": "8"})
    assert "An edited version waits" in ben.get(made["Location"]).content.decode()
    ben.post(edited["Location"], {"act": "publish"})
    ben.post(edited["Location"], {"act": "pause"})
    assert "Paused" in ben.get(BASE).content.decode()
    with in_programme(shop.programme):
        newest = PunchCard.objects.get(state="paused")
        assert (newest.stamps_needed, newest.limits) == (8, [{"maximum": 4, "period": "day"}])


def test_what_is_wrong_stands_at_its_field(shop: Shop, ben: Client) -> None:
    form = {
        "name": "Card",
        "stamp_per": "amount",
        "stamps_needed": "10",
        "head_start": "10",
        "reward": free_coffee(shop),
        "expiry_kind": "dates",
        "expiry_dates": "31-12",
        "icon": "coffee",
    }
    wrong = ben.post(f"{BASE}new/", form)
    assert wrong.status_code == 422
    for name in ("per_minor", "head_start", "expiry_dates"):
        assert f'id="id_{name}_error"'.encode() in wrong.content, name


def test_a_card_that_dies_on_fixed_days_dies_on_the_next_of_them(shop: Shop, ben: Client) -> None:
    form = {
        "name": "Card",
        "stamp_per": "item",
        "stamps_needed": "10",
        "head_start": "0",
        "reward": free_coffee(shop),
        "expiry_kind": "dates",
        "expiry_count": "6",  # hidden, and sent all the same
        "expiry_dates": "06-30, 12-31",
        "icon": "coffee",
    }
    assert ben.post(f"{BASE}new/", form).status_code == 302
    with in_programme(shop.programme):
        card = PunchCard.objects.get()
    assert (card.expiry_count, card.expiry_dates) == (1, ["06-30", "12-31"])


def test_a_stamp_from_the_members_page(shop: Shop, ben: Client) -> None:
    coffee_card = card(shop, stamps_needed=2)
    url = f"/dashboard/cafe/members/{shop.member.public_id}/"
    assert "Coffee card" in ben.get(url).content.decode()
    for _ in range(2):
        ben.post(f"{url}stamp/", {"card": coffee_card.rule})
    assert (stamps(shop, coffee_card), vouchers(shop)) == (0, ["issued"])


def test_the_form_keeps_what_it_does_not_show(shop: Shop, ben: Client) -> None:
    """Four rewards on the way and limits of other kinds, written through the API."""
    coffee = free_coffee(shop)
    interims = [{"position": n, "reward": coffee} for n in (2, 4, 6, 8)]
    limits = [
        {"maximum": 1, "period": "day", "measure": "times"},
        {"maximum": 4, "period": "day", "rejects": True},
        {"maximum": 9, "period": "week"},
    ]
    made = card(shop, reward=coffee, interims=interims, limits=limits, skus=["a, b"])
    address = f"{BASE}{made.rule}/edit/"
    page = ben.get(address).content.decode()
    assert "position_4" in page
    with in_programme(shop.programme):
        values = initial_of(PunchCard.objects.get(public_id=made.rule))
    values = {
        name: value for name, value in values.items() if value is not None and value is not False
    }
    sent = ben.post(address, {**values, "daily_limit": "5"})
    assert sent.status_code == 302, sent.content.decode()
    with in_programme(shop.programme):
        draft = PunchCard.objects.get(state="draft")
    assert draft.interims == interims and draft.skus == ["a, b"]
    assert draft.limits == [limits[0], {**limits[1], "maximum": 5}, limits[2]]
