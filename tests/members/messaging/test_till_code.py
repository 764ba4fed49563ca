"""The QR code of the e-mail club beside a card at the till: it signs up that card, and tells nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import Client

from loyalty.common.clock import now, played_at
from loyalty.tenancy.scope import in_programme
from members.messaging.rules import till_code
from members.messaging.till import panels
from members.profiles.models import Identifier, Member
from tests.forms import form_values
from tests.members.messaging.club_of import ADDRESS, link, logged_in, people, state
from tests.world import Shop

AGREED = {"agree_marketing_email": "on", "agree_terms": "on", "of_age": "on"}


def _scanned(shop: Shop) -> str:
    """The address the till shows beside a card."""
    with in_programme(shop.programme):
        shown = panels[0].context(shop.actor, shop.member)
    assert shown is not None
    return str(shown["club_url"])


def _gives(url: str, address: str, phone: Client | None = None) -> Any:
    """Somebody with the page open gives an address."""
    phone = phone or Client(headers={"Accept-Language": "en"})
    values = form_values(phone.get(url).content.decode())
    return phone.post(url, values | AGREED | {"email": address})


def _cards(shop: Shop) -> list[str]:
    with in_programme(shop.programme):
        return list(Member.objects.order_by("pk").values_list("public_id", flat=True))


def test_a_member_with_a_card_and_a_new_address_keeps_one_card(shop: Shop) -> None:
    with in_programme(shop.programme):
        Member.objects.update(name="Trần Thu Hà")
    cards, url = _cards(shop), _scanned(shop)
    assert shop.member.public_id not in url
    page = Client().get(url)
    assert page.status_code == 200 and "Thu Hà" not in page.content.decode()
    assert _gives(url, ADDRESS).status_code == 200
    assert mail.outbox[-1].to == [ADDRESS]
    assert Client().post(link()).status_code == 200
    assert (_cards(shop), state(shop)) == (cards, "confirmed")
    with in_programme(shop.programme):
        (known,) = Identifier.objects.filter(member=shop.member, kind="email")
    assert known.value == ADDRESS and known.verified_at is not None
    assert Client().post(link()).status_code == 200, "pressed again, it is the same"


def test_a_picture_of_the_code_is_worth_nothing_afterwards(shop: Shop) -> None:
    url = _scanned(shop)
    _gives(url, ADDRESS)
    letters = len(mail.outbox)
    taken = _gives(url, "thief@example.com")
    assert taken.status_code == 422
    assert "This code was used with another address" in taken.content.decode()
    assert ADDRESS not in taken.content.decode() and len(mail.outbox) == letters
    assert _gives(url, ADDRESS).status_code == 200, "the letter did not come: once more"
    with played_at(now() + timedelta(minutes=11)):
        late = Client(headers={"Accept-Language": "en"}).get(url)
        assert late.status_code == 410 and "too old" in late.content.decode()
    assert Client().get("/p/cafe/club/?card=made-up").status_code == 410
    for longer in ("x", "=", "==x"):
        assert Client().get(f"{_scanned(shop)}{longer}").status_code == 410, (
            "the very code, or none"
        )


def test_an_address_of_another_card_joins_that_card_and_changes_nothing_here(shop: Shop) -> None:
    people(shop, 1)
    cards, url = _cards(shop), _scanned(shop)
    mail.outbox.clear()
    taken = _gives(url, "lan0@example.com").content.decode()
    free = _gives(_scanned(shop), "new@example.com").content.decode()
    told = [one.split("<main")[1].split("</main")[0] for one in (taken, free)]
    assert told[0].replace("lan0@", "new@") == told[1], "the page tells nobody who is a member"
    assert [one.to for one in mail.outbox] == [["new@example.com"]], "who is in it is not asked"
    assert (_cards(shop), state(shop)) == (cards, "none")


def test_a_code_of_another_programme_is_none(shop: Shop, other_shop: Shop) -> None:
    code = till_code(other_shop.member.public_id, now=now())
    assert Client().get(f"/p/cafe/club/?card={code}").status_code == 410


def test_a_new_address_of_who_is_logged_in_comes_onto_their_card(shop: Shop) -> None:
    phone, cards = logged_in(shop), _cards(shop)
    assert _gives("/p/cafe/club/", ADDRESS, phone).status_code == 200
    assert Client().post(link()).status_code == 200
    assert (_cards(shop), state(shop)) == (cards, "confirmed")
