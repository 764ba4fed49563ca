"""Inviting on every face: a link leads a friend in, staff look at what seems wrong, the till notes a code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from campaigns.referrals.models import Referral
from campaigns.referrals.services import give_code
from loyalty.outbox.relay import relay_due
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.selectors import personal_data
from tests.campaigns.donations.causes_of import rule
from tests.world import Shop

JOIN = {"name": "Trần Văn Bảo", "of_age": "on", "consent_terms": "on"}


@pytest.fixture
def shop_with_programme(shop: Shop) -> Shop:
    rule(
        shop,
        "referrals.referral_programme",
        name="Bring a friend",
        referrer_points=50,
        friend_points=20,
        return_days=0,
    )
    return shop


def anas_browser(shop: Shop) -> Client:
    with in_programme(shop.programme):
        user = User.objects.create_user("ana@x.example", "a long pass phrase", name="Ana")
        shop.member.user = user
        shop.member.save()
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser


def join(browser: Client, contact: str, *, link: str = "/p/cafe/join/", **more: str) -> Any:
    browser.get(link)
    answer = browser.post(link, {**JOIN, "contact": contact, **more})
    if answer.status_code != 302:
        return answer
    code = re.findall(r"\b(\d{6})\b", str(mail.outbox[-1].body))[-1]
    return browser.post("/p/cafe/code/", {"code": code}, follow=True)


def referrals(shop: Shop) -> list[Referral]:
    with in_programme(shop.programme):
        return list(Referral.objects.select_related("friend", "referrer").order_by("pk"))


def test_a_link_leads_a_friend_in(shop_with_programme: Shop) -> None:
    shop = shop_with_programme
    ana = anas_browser(shop)
    page = ana.get("/p/cafe/invite/").content.decode()
    link = re.findall(r'data-copy="(http[^"]+)"', page)[0]
    code = re.findall(r'data-copy="(.{4}-.{4})"', page)[0]
    assert 'class="than-qr"' in page
    assert "50 points" in page and "20 points" in page
    assert ana.get("/p/cafe/invite/").content.decode().count(code) >= 1, "the same code each time"
    friend = Client(headers={"accept-language": "en"})
    path = link.removeprefix("http://testserver")
    assert code.replace("-", "") in friend.get(path).content.decode()
    # By way of the log-in: the code is remembered.
    assert code.replace("-", "") in friend.get("/p/cafe/join/").content.decode()
    home = join(friend, "bao@example.com", code=code).content.decode()
    assert "You came by Ana." in home
    found = referrals(shop)
    assert [(one.referrer, one.state, one.channel) for one in found] == [
        (shop.member, "joined", "portal")
    ]
    assert found[0].device and found[0].reasons == []
    seen = ana.get("/p/cafe/invite/").content.decode()
    assert "Bảo" in seen and "Trần" not in seen
    bought = SaleInput(total_minor=50_000)
    record_purchase(shop.call(), member=found[0].friend.public_id, sale=bought)
    while relay_due():
        pass
    assert "You got 50 points." in ana.get("/p/cafe/invite/").content.decode()
    with in_programme(shop.programme):
        told = json.dumps(personal_data(shop.member), ensure_ascii=False)
    assert code in told and "Bảo" not in told


def test_inviting_oneself_on_the_same_phone_is_looked_at(shop_with_programme: Shop) -> None:
    shop = shop_with_programme
    browser = anas_browser(shop)
    browser.get("/p/cafe/invite/")
    mark = browser.cookies["device"].value
    browser.logout()
    with in_programme(shop.programme):
        code = shop.member.referral_code.code
    browser.cookies["device"] = mark
    join(browser, "ana.second@example.com", code=code)
    assert referrals(shop)[0].reasons == ["same_device"]


def test_a_code_that_does_not_count_turns_nobody_away(shop_with_programme: Shop) -> None:
    shop = shop_with_programme
    visitor = Client(headers={"accept-language": "en"})
    assert join(visitor, "a@example.com", code="NOPE").status_code == 422
    assert not mail.outbox, "a mistyped one is told before a letter is sent"
    code = give_code(shop.call(), member=shop.member.public_id).code
    with in_programme(shop.programme):
        Member.objects.filter(pk=shop.member.pk).update(state="held")
    page = join(visitor, "a@example.com", code=code).content.decode()
    assert "This invitation is over" in page
    assert "Hello" in page
    assert referrals(shop) == []


def test_the_till_takes_a_code_and_notes_a_forgotten_one(shop_with_programme: Shop) -> None:
    shop = shop_with_programme
    code = give_code(shop.call(), member=shop.member.public_id).code.lower()
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(shop.staff.user)
    enrol = "/till/cafe/new/"
    assert 'name="code"' in browser.get(enrol).content.decode()
    who = {"name": "Bo", "phone": "0912345678", "terms": "on"}
    assert browser.post(enrol, {**who, "code": "nope"}).status_code == 422
    assert "Came by Ana" in browser.post(enrol, {**who, "code": code}, follow=True).content.decode()
    other = {"name": "Dan", "phone": "0912345679", "terms": "on"}
    card = browser.post(enrol, other).headers["Location"]
    assert "if they forgot it" in browser.get(card).content.decode()
    told = browser.post(f"{card}came-by/", {"code": "nope"}, follow=True).content.decode()
    assert "There is no such code" in told
    told = browser.post(f"{card}came-by/", {"code": code}, follow=True).content.decode()
    assert "Came by Ana" in told
    assert len(referrals(shop)) == 2


def test_staff_look_at_what_seems_wrong(shop_with_programme: Shop) -> None:
    shop = shop_with_programme
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(shop.staff.user)
    code = give_code(shop.call(), member=shop.member.public_id, device="").code
    for name, phone in (("Bo", "0912345678"), ("Dan", "0912345679")):
        friend = {"name": name, "phone": phone, "terms": "on", "code": code}
        browser.post("/dashboard/cafe/members/new/", friend)
    found = referrals(shop)
    assert len(found) == 2
    with in_programme(shop.programme):
        Referral.objects.update(device="same")
    for one in found:
        record_purchase(
            shop.call(), member=one.friend.public_id, sale=SaleInput(total_minor=50_000)
        )
    while relay_due():
        pass
    page = browser.get("/dashboard/cafe/referrals/").content.decode()
    assert "Joined on the same device" in page
    address = f"/dashboard/cafe/referrals/{found[0].public_id}/"
    assert browser.post(address, {"act": "release", "note": ""}).status_code == 422
    assert browser.post(address, {"act": "release", "note": "Sisters"}).status_code == 302
    late = browser.post(address, {"act": "reject", "note": "Late"})
    assert late.status_code == 422
    second = f"/dashboard/cafe/referrals/{found[1].public_id}/"
    assert browser.post(second, {"act": "reject", "note": "One person"}).status_code == 302
    assert [one.state for one in referrals(shop)] == ["paid", "rejected"]
    assert "Sisters" in browser.get(address).content.decode()
    member = browser.get(f"/dashboard/cafe/members/{shop.member.public_id}/").content.decode()
    assert code in member
    ana = anas_browser(shop).get("/p/cafe/invite/").content.decode()
    assert "glad to explain" in ana and "same device" not in ana


def test_without_a_programme_there_is_nothing_to_see(shop: Shop) -> None:
    browser = anas_browser(shop)
    assert "No invitations at present" in browser.get("/p/cafe/invite/").content.decode()
    assert "Invite friends" not in browser.get("/p/cafe/").content.decode()
    assert 'name="code"' not in Client().get("/p/cafe/join/").content.decode()
