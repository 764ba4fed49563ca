"""Sharing an invitation with a thumb: the phone's own list where it has one, else copying."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.referrals.services import claim_code, give_code
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.services import NewMember, enrol_member
from tests.campaigns.donations.causes_of import rule
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
INVITE = "/p/cafe/invite/"
SHARED = "window.shared = []; navigator.share = async (what) => { window.shared.push(what); };"
CHANGED_MIND = """() => {
  window.faults = [];
  window.addEventListener("unhandledrejection", (event) => window.faults.push(String(event.reason)));
  navigator.share = () => Promise.reject(new DOMException("no", "AbortError"));
}"""
BEYOND_THE_CARD = """(card) => {
  const edge = card.getBoundingClientRect().right;
  const outside = (one) => !one.closest(".than-chips") && one.getBoundingClientRect().right > edge;
  return [...card.querySelectorAll("a, button, select")].filter(outside).length;
}"""
NOT_THERE = "Object.defineProperty(Navigator.prototype, 'share', {value: undefined});"


@pytest.fixture
def cafe(transactional_db: None) -> Shop:
    """There is something to invite for."""
    shop = make_shop("cafe", owner="ben@example.com", member="Ana")
    kind = "referrals.referral_programme"
    rule(shop, kind, name="Bring a friend", referrer_points=50, friend_points=20)
    return shop


@pytest.fixture
def session(cafe: Shop) -> str:
    """Ana is logged in."""
    user = User.objects.create_user("ana@x.example", "a long pass phrase", name="Ana")
    with in_programme(cafe.programme):
        cafe.member.user = user
        cafe.member.save()
    return logged_in(user)


def logged_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return str(client.cookies["sessionid"].value)


def a_page(context: BrowserContext, live_server: LiveServer, session: str, path: str) -> Page:
    cookies = {"sessionid": session, "django_language": "en"}
    context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{path}")
    return page


def test_the_phone_shares_the_link_with_a_word(
    session: str, live_server: LiveServer, browser: Browser
) -> None:
    context = browser.new_context()
    context.add_init_script(SHARED)
    page = a_page(context, live_server, session, INVITE)
    page.get_by_role("button", name="Share").click()
    ((shared),) = page.evaluate("window.shared")
    assert shared["text"] == "Join me at Cafe"
    friend = browser.new_context().new_page()
    friend.goto(shared["url"])
    code = page.locator(".than-invite-code code").inner_text()
    expect(friend.locator("input[name=code]")).to_have_value(code.replace("-", ""))
    # Who changes their mind in the phone's list is not told off.
    page.evaluate(CHANGED_MIND)
    page.get_by_role("button", name="Share").click()
    page.evaluate("new Promise((done) => setTimeout(done))")
    assert page.evaluate("window.faults") == []


def test_without_such_a_list_the_link_is_copied(
    session: str, live_server: LiveServer, browser: Browser
) -> None:
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.add_init_script(NOT_THERE)
    page = a_page(context, live_server, session, INVITE)
    expect(page.get_by_role("link", name="WhatsApp")).to_be_visible()
    expect(page.get_by_role("button", name="Share")).to_be_hidden()
    link = page.locator("[data-copy^=http]")
    link.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == link.get_attribute("data-copy")
    assert "/p/cafe/join/?ref=" in copied


def test_staff_choose_a_state_on_a_phone(
    cafe: Shop, live_server: LiveServer, browser: Browser
) -> None:
    code = give_code(cafe.call(), member=cafe.member.public_id).code
    bo = enrol_member(cafe.call(), person=NewMember(name="Bo", phone="0912345678")).member
    claim_code(cafe.call(), member=bo, code=code)
    path = "/dashboard/cafe/referrals/"
    page = a_page(browser.new_context(), live_server, logged_in(cafe.staff.user), path)
    card = page.locator("section.card", has=page.get_by_role("heading", name="All referrals"))
    assert card.evaluate(BEYOND_THE_CARD) == 0
    card.get_by_role("link", name="Rejected").click()
    expect(card).to_contain_text("Nothing here")
    card.get_by_role("link", name="Has a card").click()
    expect(card.get_by_role("link", name="Bo", exact=True)).to_be_visible()
