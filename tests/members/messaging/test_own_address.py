"""Who is logged in and gives the e-mail club an address nobody has gets it onto their own card."""

from __future__ import annotations

from django.core import mail
from django.test import Client

from loyalty.tenancy.scope import in_programme
from members.messaging.till import panels
from members.profiles.models import Identifier, Member
from tests.forms import form_values
from tests.members.messaging.club_of import ADDRESS, link, logged_in, people, state
from tests.world import Shop

AGREED = {"agree_marketing_email": "on", "agree_terms": "on", "of_age": "on"}


def _gives(url: str, address: str, phone: Client) -> None:
    values = form_values(phone.get(url).content.decode())
    assert phone.post(url, values | AGREED | {"email": address}).status_code == 200


def _cards(shop: Shop) -> list[str]:
    with in_programme(shop.programme):
        return list(Member.objects.order_by("pk").values_list("public_id", flat=True))


def test_a_new_address_of_who_is_logged_in_comes_onto_their_card(shop: Shop) -> None:
    phone, cards = logged_in(shop), _cards(shop)
    _gives("/p/cafe/club/", ADDRESS, phone)
    assert Client().post(link()).status_code == 200
    assert (_cards(shop), state(shop)) == (cards, "confirmed")
    with in_programme(shop.programme):
        known = Identifier.objects.get(member=shop.member, kind="email", value=ADDRESS)
    assert known.verified_at is not None
    assert Client().post(link()).status_code == 200, "pressed again, it is the same"


def test_an_address_of_another_card_changes_nothing_at_mine(shop: Shop) -> None:
    people(shop, 1)
    phone, cards = logged_in(shop), _cards(shop)
    mail.outbox.clear()
    _gives("/p/cafe/club/", "lan0@example.com", phone)
    assert (mail.outbox, _cards(shop), state(shop)) == ([], cards, "none")


def test_the_code_at_the_till_stands_for_nobodys_card(shop: Shop) -> None:
    with in_programme(shop.programme):
        shown = panels[0].context(shop.actor, shop.member)
    assert shown is not None and str(shown["club_url"]).endswith("/p/cafe/club/?from=till")
    cards = _cards(shop)
    _gives(str(shown["club_url"]), "thief@example.com", Client())
    assert Client().post(link()).status_code == 200
    assert len(_cards(shop)) == len(cards) + 1, "whoever scans it joins with a card of their own"
    assert state(shop) == "none"
