"""Partners on every face: staff invite and close, a counter redeems, a member sees what is missing."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.campaigns.partners.scheme import Scheme
from tests.forms import form_values
from tests.world import Shop


def _text(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def _words(html: str) -> str:
    """What a label reads, from its tag's inside on."""
    text = re.sub(r"<[^>]+>", " ", html.split("</label>", maxsplit=1)[0].partition(">")[2])
    return " ".join(unescape(text).split())


@pytest.fixture
def scheme(shop: Shop) -> Scheme:
    return Scheme(shop, name="Bookshop")


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(shop.staff.user)
    return client


def _home(scheme: Scheme) -> str:
    return f"/p/{scheme.shop.programme.slug}/"


def _invitation(scheme: Scheme, ben: Client) -> str:
    page = f"/dashboard/{scheme.shop.programme.slug}/partners/{scheme.partner}/desks/"
    shown = ben.post(page, {"name": "Desk 1", "email": "books@example.com"})
    (letter,) = mail.outbox
    (code,) = re.findall(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\b", str(letter.body))[-1:]
    assert code in _text(shown)
    return str(code)


def _desk(scheme: Scheme, ben: Client) -> Client:
    code, home = _invitation(scheme, ben), _home(scheme)
    device = Client(headers={"accept-language": "en"})
    assert device.get(f"{home}partner/")["Location"].endswith("/partner/join/")
    weak = device.post(f"{home}partner/join/", {"code": code, "pin": "1234", "again": "1234"})
    assert (weak.status_code, "in a row" in _text(weak)) == (422, True)
    joined = device.post(f"{home}partner/join/", {"code": code, "pin": "2580", "again": "2580"})
    assert joined["Location"].endswith("/partner/unlock/")
    kept = joined.cookies[f"partner_desk_{scheme.shop.programme.slug}"]
    assert kept["httponly"]
    taken = Client().post(f"{home}partner/join/", {"code": code, "pin": "2580", "again": "2580"})
    assert taken.status_code == 422, "an invitation works once"
    wrong = device.post(f"{home}partner/unlock/", {"pin": "1111"})
    assert wrong.status_code == 422
    assert device.post(f"{home}partner/unlock/", {"pin": "2580"})["Location"].endswith("/partner/")
    return device


def test_a_counter_redeems_and_takes_back(scheme: Scheme, ben: Client) -> None:
    code = scheme.did(scheme.claim(scheme.offer(name="Ten off")))["code"]
    device, home = _desk(scheme, ben), _home(scheme)
    looked = device.get(f"{home}partner/", {"code": code})
    assert "Redeem it now" in _text(looked)
    done = device.post(f"{home}partner/", {"code": code})
    assert "Ten off" in _text(done)
    assert "Ana" not in _text(done)
    desk = _text(device.get(f"{home}partner/"))
    assert "Redeemed lately" in desk and "Today: 1" in desk
    again = device.post(f"{home}partner/", {"code": code})
    assert (again.status_code, "already used" in _text(again)) == (422, True)
    (redemption,) = scheme.did(scheme.api.get("partner-redemptions/"))["data"]
    assert redemption["redeemed_by"] == "Bookshop – Desk 1"
    back = device.post(f"{home}partner/redemptions/{redemption['id']}/void/", follow=True)
    assert "Taken back" in _text(back)
    assert device.post(f"{home}partner/", {"code": code}).status_code == 200


def test_a_counter_sees_its_own_alone_and_is_shut_out(scheme: Scheme, ben: Client) -> None:
    other = scheme.did(scheme.api.post("partners/", {"code": "other", "name": "Other"}))["id"]
    code = scheme.did(scheme.claim(scheme.offer(partner=other, name="Theirs")))["code"]
    device, home = _desk(scheme, ben), _home(scheme)
    refused = device.post(f"{home}partner/", {"code": code})
    assert "no such code" in _text(refused)
    assert "Theirs" not in _text(device.get(f"{home}partner/"))
    theirs = scheme.did(scheme.redeem(code, partner=other))
    assert device.post(f"{home}partner/redemptions/{theirs['id']}/void/").status_code == 404
    (desk,) = scheme.did(scheme.api.get(f"partners/{scheme.partner}/desks/"))
    scheme.did(scheme.api.post(f"partner-desks/{desk['id']}/revoke/", {}))
    assert device.get(f"{home}partner/")["Location"].endswith("/partner/join/")


def test_a_counter_opens_nothing_but_codes(scheme: Scheme, ben: Client) -> None:
    device, home = _desk(scheme, ben), _home(scheme)
    for page in (f"{home}profile/", f"/dashboard/{scheme.shop.programme.slug}/", "/till/cafe/"):
        assert device.get(page).status_code in (302, 404)
    device.post(f"{home}partner/lock/")
    assert device.get(f"{home}partner/")["Location"].endswith("/partner/unlock/")
    for _try in range(5):
        device.post(f"{home}partner/unlock/", {"pin": "0000"})
    locked = device.post(f"{home}partner/unlock/", {"pin": "2580"})
    assert (locked.status_code, "Too many wrong PINs" in _text(locked)) == (422, True)


def test_a_member_sees_what_is_missing_and_takes_the_code(scheme: Scheme) -> None:
    scheme.declare()
    audience = [{"fact": "attribute.lines", "op": "gte", "value": 2}]
    scheme.offer(name="Netflix", audience=audience)
    user = User.objects.create_user("ana@x.example", "a long pass phrase", name="Ana")
    with in_programme(scheme.shop.programme):
        Member.objects.filter(public_id=scheme.member).update(user=user)
    ana, page = Client(headers={"accept-language": "en"}), f"{_home(scheme)}partners/"
    ana.force_login(user)
    scheme.known(scheme.member, lines=1)
    assert "lines: 2 or more – you have 1" in _text(ana.get(page))
    assert "Netflix" in _text(ana.get(_home(scheme)))
    scheme.known(scheme.member, lines=2)
    (offer,) = scheme.offers()
    code = ana.post(page, {"offer": offer["id"]}, follow=True)
    (claimed,) = scheme.codes()
    assert claimed["code"] in _text(code)
    assert "<svg" in code.content.decode()
    assert "Netflix" in _text(ana.get(page))
    scheme.did(scheme.redeem(claimed["code"]))
    assert "Used" in _text(ana.get(f"{page}codes/{claimed['id']}/"))
    assert ana.get(f"{page}codes/pco_unknown/").status_code == 404
    terms = _text(Client(headers={"accept-language": "en"}).get(f"{_home(scheme)}terms/"))
    assert "At Bookshop: A gift" in terms
    assert "lines: 2 or more" in terms


def test_an_offer_wants_its_text_in_one_language(scheme: Scheme, ben: Client) -> None:
    new = "/dashboard/cafe/rules/new/partners.offer/"
    page = ben.get(new).content.decode()
    labels = [_words(page.split(f'for="id_{name}"')[1]) for name in ("text_vi", "text_en")]
    assert labels == ["What is given, in Vietnamese", "What is given, in English optional"]
    typed = form_values(page) | {"name": "Books", "partner": scheme.partner, "text_vi": ""}
    assert list(ben.post(new, typed).context["form"].errors) == ["text_vi"]
    assert ben.post(new, {**typed, "text_en": "A bookmark"}).status_code == 302


def test_staff_add_codes_and_close_a_month(scheme: Scheme, ben: Client) -> None:
    offer = scheme.offer(codes="pool")
    home = f"/dashboard/{scheme.shop.programme.slug}/"
    for page in ("partners/", f"partners/{scheme.partner}/", "partners/new/"):
        assert ben.get(home + page).status_code == 200
    pool = f"{home}partner-offers/{offer}/"
    bad = ben.post(pool, {"codes": "A1\nA2\nA1"})
    assert (bad.status_code, "Line 3 repeats the code of line 1" in _text(bad)) == (422, True)
    file = SimpleUploadedFile("codes.csv", b"code\nA1\nA2\n", content_type="text/csv")
    assert "2 codes added" in _text(ben.post(pool, {"file": file}, follow=True))
    scheme.did(scheme.redeem(scheme.did(scheme.claim(offer))["code"]))
    assert "…A1" in _text(ben.get(f"{home}partners/{scheme.partner}/"))
    closing = f"{home}partners/{scheme.partner}/close/"
    closed = ben.post(closing, {"month": "2020-01"}, follow=True)
    assert "The month is closed" in _text(closed)
    address = closed.redirect_chain[-1][0]
    assert "VCB 9" in _text(ben.post(address, {"reference": "VCB 9"}, follow=True))
    table = ben.get(f"{address}csv/")
    assert b"we_pay_minor" in b"".join(table.streaming_content)
    assert ben.get(f"{address}pdf/").content[:4] == b"%PDF"
    settlement = f"{home}partners/{scheme.partner}/settlement/"
    huge = SimpleUploadedFile("s.csv", b"transaction,card,amount_minor\n" + b"x" * 200_000)
    assert "too large" in _text(ben.post(settlement, {"file": huge}))
    rows = SimpleUploadedFile("s.csv", b"transaction,card,amount_minor\nT1,KH,5\n")
    assert "1 refused" in _text(ben.post(settlement, {"file": rows}))
    edit = f"{home}partners/{scheme.partner}/edit/"
    assert ben.get(edit).status_code == 200
    ben.post(f"{home}partners/{scheme.partner}/", {"act": "rest"})
    assert scheme.did(scheme.api.get(f"partners/{scheme.partner}/"))["is_active"] is False
    assert ben.get(f"{home}rules/new/partners.offer/").status_code == 200
