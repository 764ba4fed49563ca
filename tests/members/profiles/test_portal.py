"""Joining by a link, coming back by a code, looking after one's card, being forgotten."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client

from loyalty.common.clock import now
from loyalty.ledger.verification import verify
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles import services
from members.profiles.models import Consent, Identifier, Member
from members.profiles.rules.cards import make_token
from members.profiles.selectors import find_member
from members.profiles.services import NewMember
from tests.world import Shop

NASTY = "<script>alert(1)</script>'; DROP TABLE members;--"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def code_in_mail() -> str:
    found = re.findall(r"\b(\d{6})\b", str(mail.outbox[-1].body))
    return str(found[-1])


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def enrol(shop: Shop, **person: object) -> Member:
    done = services.enrol_member(shop.call(), person=NewMember(**person))  # type: ignore[arg-type]
    with in_programme(shop.programme):
        row: Member = Member.objects.get(public_id=done.member)
    return row


def log_in(visitor: Client, shop: Shop, contact: str) -> None:
    base = f"/p/{shop.programme.slug}"
    visitor.post(f"{base}/login/", {"contact": contact})
    answer = visitor.post(f"{base}/code/", {"code": code_in_mail()})
    assert answer.status_code == 302, answer.content


JOIN = {
    "name": "Nguyễn Thị Hoa",
    "contact": "Hoa@Example.com",
    "of_age": "on",
    "consent_terms": "on",
    "consent_marketing_email": "on",
}


def test_joining_takes_a_name_a_code_and_a_tick(visitor: Client, shop: Shop) -> None:
    url = f"/p/cafe/join/?at={shop.location.public_id}"
    page = visitor.get(url).content.decode()
    assert "checked" not in page, "nothing is agreed to beforehand"
    assert visitor.post(url, {**JOIN, "consent_terms": ""}).status_code == 422
    assert visitor.post(url, {**JOIN, "of_age": ""}).status_code == 422
    assert visitor.post(url, {**JOIN, "contact": "nobody"}).status_code == 422
    assert visitor.post(url, {**JOIN, "name": "x" * 10_000}).status_code == 422
    assert not mail.outbox
    assert visitor.post(url, JOIN).headers["Location"] == "/p/cafe/code/"
    letter = mail.outbox[-1]
    assert letter.to == ["hoa@example.com"]
    assert "text/html" in [part.mimetype for part in letter.alternatives]  # type: ignore[attr-defined]
    code = code_in_mail()
    assert visitor.post("/p/cafe/code/", {"code": another(code)}).status_code == 422
    before = visitor.session.session_key
    assert visitor.post("/p/cafe/code/", {"code": code}).headers["Location"] == "/p/cafe/"
    assert visitor.session.session_key != before
    with in_programme(shop.programme):
        member = Member.objects.get(name="Nguyễn Thị Hoa")
        assert member.joined_location == shop.location
        assert Identifier.objects.get(kind="email").verified_at is not None
        said = {row.purpose: row for row in Consent.objects.filter(member=member)}
        assert set(said) == {"terms", "marketing_email"}
        assert (said["terms"].channel, said["terms"].text_version) == ("portal", "2026-11")
        assert shop.programme.name in said["terms"].text
    home = visitor.get("/p/cafe/").content.decode()
    assert "Hello, Hoa" in home
    assert 'class="than-qr"' in home


def test_one_too_young_cannot_join(visitor: Client, shop: Shop) -> None:
    birthday = (now() - timedelta(days=365 * 10)).date().isoformat()
    visitor.post("/p/cafe/join/", {**JOIN, "birthday": birthday})
    answer = visitor.post("/p/cafe/code/", {"code": code_in_mail()})
    assert answer.status_code == 422
    assert b"from the age of 16" in answer.content


def test_a_text_reworded_meanwhile_is_read_again(visitor: Client, shop: Shop) -> None:
    visitor.post("/p/cafe/join/", {**JOIN, "version_terms": "1999-01"})
    answer = visitor.post("/p/cafe/code/", {"code": code_in_mail()})
    assert b"reworded" in answer.content
    with in_programme(shop.programme):
        assert not Member.objects.filter(name="Nguyễn Thị Hoa").exists()


def test_known_and_unknown_addresses_are_answered_alike(visitor: Client, shop: Shop) -> None:
    enrol(shop, name="Hoa", email="hoa@example.com")
    seen = []
    for address in ("hoa@example.com", "who@example.com"):
        other = Client(headers={"accept-language": "en"})
        answer = other.post("/p/cafe/login/", {"contact": address})
        page = other.get(answer.headers["Location"]).content.decode()
        page = re.sub(
            r'(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"|X-CSRFToken[^}]*', "", page
        )
        seen.append((answer.status_code, page.replace("h•••", "•••").replace("w•••", "•••")))
    assert seen[0] == seen[1]
    assert [letter.to for letter in mail.outbox] == [["hoa@example.com"], ["who@example.com"]]


def test_a_code_works_once_in_the_browser_that_asked(visitor: Client, shop: Shop) -> None:
    enrol(shop, name="Hoa", email="hoa@example.com")
    visitor.post("/p/cafe/login/", {"contact": "hoa@example.com"})
    code = code_in_mail()
    thief = Client()
    assert thief.post("/p/cafe/code/", {"code": code}).headers["Location"] == "/p/cafe/login/"
    visitor.post("/p/cafe/code/", {"code": code})
    visitor.post("/accounts/logout/")
    assert visitor.post("/p/cafe/code/", {"code": code}).headers["Location"] == "/p/cafe/login/"
    assert visitor.get("/p/cafe/profile/").status_code == 302


def test_a_code_dies_after_ten_minutes_and_after_five_wrong_tries(
    visitor: Client, shop: Shop
) -> None:
    enrol(shop, name="Hoa", email="hoa@example.com")
    with time_machine.travel(now(), tick=False) as clock:
        visitor.post("/p/cafe/login/", {"contact": "hoa@example.com"})
        code = code_in_mail()
        clock.shift(timedelta(minutes=10, seconds=1))
        answer = visitor.post("/p/cafe/code/", {"code": code})
        assert b"no longer works" in answer.content
        visitor.post("/p/cafe/login/", {"contact": "hoa@example.com"})
        code = code_in_mail()
        for _try in range(5):
            answer = visitor.post("/p/cafe/code/", {"code": another(code)})
        assert b"no longer works" in answer.content
        assert visitor.post("/p/cafe/code/", {"code": code}).status_code == 302
        assert visitor.get("/p/cafe/profile/").status_code == 302


def test_nobody_is_flooded_with_codes(visitor: Client, shop: Shop) -> None:
    for _try in range(3):
        assert visitor.post("/p/cafe/login/", {"contact": "hoa@example.com"}).status_code == 302
    answer = visitor.post("/p/cafe/login/", {"contact": "hoa@example.com"})
    assert answer.status_code == 422
    assert b"Too many tries" in answer.content
    assert len(mail.outbox) == 3


def test_who_joined_at_the_till_finds_the_card_by_phone_and_by_mail(
    visitor: Client, shop: Shop
) -> None:
    hoa = enrol(shop, name="Hoa", phone="0912345678", email="hoa@example.com")
    log_in(visitor, shop, "0912.345.678")
    assert "SMS" in str(mail.outbox[-1].subject)
    assert "Hello, Hoa" in visitor.get("/p/cafe/").content.decode()
    by_mail = Client(headers={"accept-language": "en"})
    log_in(by_mail, shop, "hoa@example.com")
    assert "Hello, Hoa" in by_mail.get("/p/cafe/").content.decode()
    with in_programme(shop.programme):
        assert Member.objects.filter(user__isnull=False).get() == hoa


def test_a_stranger_may_join_without_a_second_code(visitor: Client, shop: Shop) -> None:
    visitor.post("/p/cafe/login/", {"contact": "0912345678"})
    answer = visitor.post("/p/cafe/code/", {"code": code_in_mail()})
    assert answer.headers["Location"] == "/p/cafe/join/"
    assert visitor.post("/p/cafe/join/", {**JOIN, "contact": ""}).headers["Location"] == "/p/cafe/"
    with in_programme(shop.programme):
        found = find_member("0912345678")
        assert found is not None
        assert found.member.name == "Nguyễn Thị Hoa"


def test_one_log_in_holds_cards_of_two_shops(visitor: Client, shop: Shop, other_shop: Shop) -> None:
    enrol(shop, name="Hoa", email="hoa@example.com")
    log_in(visitor, shop, "hoa@example.com")
    assert visitor.get("/p/other/profile/").headers["Location"].startswith("/p/other/login/")
    assert visitor.get("/p/other/login/").headers["Location"] == "/p/other/join/"
    page = visitor.get("/p/other/join/").content.decode()
    assert 'name="contact"' not in page
    visitor.post("/p/other/join/", {**JOIN, "name": "Hoa at Cleo's"})
    assert "Hello, Cleo" in visitor.get("/p/other/").content.decode()
    assert "Hello, Hoa" in visitor.get("/p/cafe/").content.decode()
    assert visitor.get("/cards/").status_code == 200


def test_a_phone_never_opens_the_account_of_staff(visitor: Client, shop: Shop) -> None:
    ben = shop.staff.user
    card = enrol(shop, name="Ben", phone="0912345678")
    services.link_login(shop.call(), member=card.public_id, user_id=ben.pk)
    visitor.post("/p/cafe/login/", {"contact": "0912345678"})
    answer = visitor.post("/p/cafe/code/", {"code": code_in_mail()})
    assert b"own e-mail" in answer.content
    assert visitor.get("/dashboard/cafe/").status_code == 302


def test_a_second_factor_is_asked_for_behind_the_code_too(visitor: Client, shop: Shop) -> None:
    ben = shop.staff.user
    TOTP.activate(ben, generate_totp_secret())
    card = enrol(shop, name="Ben", email=ben.email)
    services.link_login(shop.call(), member=card.public_id, user_id=ben.pk)
    visitor.post("/p/cafe/login/", {"contact": ben.email})
    answer = visitor.post("/p/cafe/code/", {"code": code_in_mail()})
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert visitor.get("/dashboard/cafe/").headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/p/other/"])
def test_log_in_leads_back_into_this_programme_only(
    visitor: Client, shop: Shop, where: str
) -> None:
    enrol(shop, name="Hoa", email="hoa@example.com")
    visitor.post("/p/cafe/login/", {"contact": "hoa@example.com", "next": where})
    answer = visitor.post("/p/cafe/code/", {"code": code_in_mail()})
    assert answer.headers["Location"] == "/p/cafe/"


@pytest.fixture
def hoa(visitor: Client, shop: Shop) -> Member:
    """Hoa, logged in."""
    row = enrol(shop, name="Hoa", email="hoa@example.com", phone="0912345678")
    log_in(visitor, shop, "hoa@example.com")
    mail.outbox.clear()
    return row


def profile(member: Member, **values: object) -> dict[str, object]:
    return {"name": member.name, "language": "en", "revision": member.revision, **values}


def test_a_member_edits_what_is_theirs(visitor: Client, shop: Shop, hoa: Member) -> None:
    with in_programme(shop.programme):
        hoa.refresh_from_db()
    answer = visitor.post("/p/cafe/profile/", profile(hoa, name=NASTY, birthday="1990-02-03"))
    assert answer.status_code == 302
    assert answer.cookies["django_language"].value == "en"
    for page in ("", "profile/", "profile/data/", "card/", "history/"):
        content = visitor.get(f"/p/cafe/{page}").content.decode()
        assert "<script>alert" not in content
    stale = visitor.post("/p/cafe/profile/", profile(hoa, name="Old"))
    assert stale.status_code == 422
    with in_programme(shop.programme):
        hoa.refresh_from_db()
        assert (hoa.name, str(hoa.birthday)) == (NASTY, "1990-02-03")


def test_an_address_is_added_once_proven_and_the_old_one_is_told(
    visitor: Client, shop: Shop, hoa: Member
) -> None:
    enrol(shop, name="Lan", email="lan@example.com")
    visitor.post("/p/cafe/profile/contacts/", {"contact": "new@example.com"})
    visitor.post("/p/cafe/profile/contacts/code/", {"code": code_in_mail()})
    assert mail.outbox[-1].to == ["hoa@example.com"]
    with in_programme(shop.programme):
        found = find_member("new@example.com")
        assert found is not None
        assert found.member == hoa
    visitor.post("/p/cafe/profile/contacts/", {"contact": "lan@example.com"})
    taken = visitor.post("/p/cafe/profile/contacts/code/", {"code": code_in_mail()})
    assert b"belongs to another card" in taken.content
    assert b"Lan" not in taken.content
    gone = {"kind": "email", "value": "new@example.com"}
    visitor.post("/p/cafe/profile/contacts/remove/", gone)
    assert {letter.to[0] for letter in mail.outbox[-2:]} == {"hoa@example.com", "new@example.com"}
    with in_programme(shop.programme):
        assert find_member("new@example.com") is None


def test_consents_are_given_and_withdrawn(visitor: Client, shop: Shop, hoa: Member) -> None:
    for said in ("yes", "no"):
        visitor.post("/p/cafe/profile/consents/", {"purpose": "personal_offers", "granted": said})
    visitor.post("/p/cafe/profile/consents/", {"purpose": "terms", "granted": "no"})
    with in_programme(shop.programme):
        rows = Consent.objects.filter(member=hoa).order_by("pk")
        assert [(row.purpose, row.granted) for row in rows] == [
            ("personal_offers", True),
            ("personal_offers", False),
        ]


def test_the_code_on_the_card_is_taken_at_a_till_once(
    visitor: Client, shop: Shop, hoa: Member
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        page = visitor.get("/p/cafe/card/", headers={"hx-request": "true"})
        assert page.headers["Cache-Control"].startswith("max-age=0")
        assert b"hx-trigger" in page.content
        assert b"<html" not in page.content
        token = make_token(member=hoa.public_id, secret=hoa.card_secret, now=now())
        assert services.scan_card(shop.call(), token=token).member == hoa.public_id
        visitor.post("/p/cafe/profile/new-code/")
        clock.shift(timedelta(seconds=31))
        fresh = make_token(member=hoa.public_id, secret=hoa.card_secret, now=now())
        with pytest.raises(Exception, match="code_expired"):
            services.scan_card(shop.call(), token=fresh)


def test_my_data_leaves_with_me(visitor: Client, shop: Shop, hoa: Member) -> None:
    answer = visitor.post("/p/cafe/profile/data/file/")
    copy = json.loads(answer.content)
    assert copy["profile"]["name"] == "Hoa"
    assert {row["kind"] for row in copy["identifiers"]} == {"card", "email", "phone"}
    assert "attachment" in answer.headers["Content-Disposition"]
    page = visitor.get("/p/cafe/profile/data/").content.decode()
    titles, empty = page.split("Nothing is kept of")  # what is kept first, the rest in one list
    assert titles.count("card-title") < 6 < empty.count("<li>")


def test_who_erases_their_card_is_gone_and_the_books_add_up(
    visitor: Client, shop: Shop, hoa: Member
) -> None:
    assert visitor.post("/p/cafe/profile/erase/", {}).status_code == 422
    assert visitor.post("/p/cafe/profile/erase/", {"sure": "on"}).status_code == 200
    assert visitor.get("/p/cafe/profile/").status_code == 302
    assert not User.objects.filter(email="hoa@example.com").exists()
    with in_programme(shop.programme):
        assert find_member("hoa@example.com") is None
        assert verify().findings == []


@pytest.mark.parametrize("before", ["", "0", "-1", "x", "9" * 40, "٣", "1;DROP"])
def test_history_reads_any_bookmark(visitor: Client, shop: Shop, hoa: Member, before: str) -> None:
    assert visitor.get("/p/cafe/history/", {"before": before}).status_code == 200


def test_every_page_of_a_member_is_closed_to_visitors_and_strangers(
    visitor: Client, shop: Shop, other_shop: Shop, hoa: Member
) -> None:
    stranger = Client()
    enrol(other_shop, name="Eve", email="eve@example.com")
    log_in(stranger, other_shop, "eve@example.com")
    for page in ("card/", "history/", "profile/", "profile/data/", "profile/erase/"):
        assert visitor.get(f"/p/cafe/{page}").status_code == 200, page
        for who in (Client(), stranger):
            answer = who.get(f"/p/cafe/{page}")
            assert answer.headers["Location"].startswith("/p/cafe/login/"), page
    assert Client().get("/p/nowhere/").status_code == 404
    assert b"Eve" not in stranger.get("/p/cafe/").content


def test_the_card_goes_on_the_home_screen(visitor: Client, shop: Shop) -> None:
    manifest = visitor.get("/p/cafe/manifest.webmanifest")
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    parsed = json.loads(manifest.content)
    assert (parsed["start_url"], parsed["scope"]) == ("/p/cafe/", "/p/cafe/")
    for icon in parsed["icons"]:
        assert visitor.get(icon["src"]).content.startswith(b"\x89PNG")
    assert visitor.get("/p/cafe/icon-9999.png").status_code == 404
    assert b"/offline/" in visitor.get("/p/cafe/worker.js").content


def test_a_programme_has_its_own_domain(
    visitor: Client, shop: Shop, other_shop: Shop, settings: object
) -> None:
    settings.ALLOWED_HOSTS = ["card.example", "localhost", "testserver"]  # type: ignore[attr-defined]
    shop.programme.domain = "card.example"
    shop.programme.save()
    at_home = {"host": "card.example"}
    assert visitor.get("/", headers=at_home).headers["Location"] == "/p/cafe/"
    assert visitor.get("/p/cafe/", headers=at_home).status_code == 200
    assert visitor.get("/p/other/", headers=at_home).status_code == 404


def test_the_front_door_leads_everyone_home(visitor: Client, shop: Shop, hoa: Member) -> None:
    assert visitor.get("/").headers["Location"] == "/cards/"
    assert visitor.get("/cards/").headers["Location"] == "/p/cafe/"
    assert b"Cafe" in Client().get("/").content
    ben = Client()
    ben.force_login(shop.staff.user)
    assert ben.get("/").headers["Location"] == "/dashboard/"
    shop.staff.role = "cashier"
    with in_programme(shop.programme):
        shop.staff.save()
    assert ben.get("/").headers["Location"] == "/till/"
