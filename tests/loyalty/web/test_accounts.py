"""One door for everyone who works: it tells nobody who has an account, and warns the old address."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from loyalty.tenancy.models import User
from tests.world import Shop

PASSWORD = "a long pass phrase"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def ben(shop: Shop) -> User:
    user = shop.staff.user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def plain(page: str, *addresses: str) -> str:
    for address in addresses:
        page = page.replace(address, "somebody")
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken[^}]*', "", page)


def test_a_wrong_password_and_a_wrong_address_look_the_same(visitor: Client, ben: User) -> None:
    seen = []
    for address in (ben.email, "who@example.com"):
        answer = visitor.post("/accounts/login/", {"login": address, "password": "wrong"})
        seen.append((answer.status_code, plain(answer.content.decode(), address)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("url", ["/accounts/password/reset/", "/accounts/login/code/"])
def test_asking_for_a_letter_tells_nobody_who_is_known(
    visitor: Client, ben: User, url: str
) -> None:
    seen = []
    for address in (ben.email, "who@example.com"):
        other = Client(headers={"accept-language": "en"})
        answer = other.post(url, {"email": address}, follow=True)
        seen.append((answer.redirect_chain, plain(answer.content.decode(), address)))
    assert seen[0] == seen[1]
    assert [letter.to[0] for letter in mail.outbox] == [ben.email, "who@example.com"]


def test_nobody_makes_an_account_at_the_general_door(visitor: Client, db: None) -> None:
    answer = visitor.post(
        "/accounts/signup/", {"email": "eve@example.com", "password1": "correct horse staple"}
    )
    assert not User.objects.filter(email="eve@example.com").exists()
    assert answer.status_code == 200


def test_guessing_passwords_is_slowed_down(visitor: Client, ben: User) -> None:
    for _try in range(5):
        visitor.post("/accounts/login/", {"login": ben.email, "password": "wrong"})
    answer = visitor.post("/accounts/login/", {"login": ben.email, "password": PASSWORD})
    assert b"Too many" in answer.content
    assert "_auth_user_id" not in visitor.session


def test_log_in_cycles_the_session_and_leads_to_work(visitor: Client, ben: User) -> None:
    visitor.get("/accounts/login/")
    visitor.session["before"] = 1
    answer = visitor.post("/accounts/login/", {"login": ben.email.upper(), "password": PASSWORD})
    assert answer.headers["Location"] == "/dashboard/"


def test_the_old_address_hears_of_the_new_one(visitor: Client, ben: User) -> None:
    visitor.post("/accounts/login/", {"login": ben.email, "password": PASSWORD})
    visitor.post("/accounts/email/", {"email": "ben.new@example.com", "action_add": ""})
    code = re.findall(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", str(mail.outbox[-1].body))[-1]
    visitor.post("/accounts/confirm-email/", {"code": code})
    ben.refresh_from_db()
    assert ben.email == "ben.new@example.com"
    told = [letter for letter in mail.outbox if letter.to == ["ben@example.com"]]
    assert told, [letter.to for letter in mail.outbox]
