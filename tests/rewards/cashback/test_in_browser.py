"""Store credit under a thumb: money typed as money, all of it with one tap, and the bill that follows."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from loyalty.sales.models import Purchase
from loyalty.tenancy.scope import in_programme
from tests.rewards.cashback.cashback_of import CREDIT, cashback, spending
from tests.rewards.catalog.rewards_of import give
from tests.rewards.discounts.discounts_of import discount
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    made = make_shop("cafe", owner="ben@example.com", member="Ana", currency="USD")
    cashback(made)
    spending(made, pay_minimum_minor=200)
    discount(made, name="10% for regulars")
    give(made, 1_234, asset=CREDIT)
    return made


def test_all_of_it_or_a_part_typed_as_money(
    shop: Shop, live_server: LiveServer, page: Page
) -> None:
    client = Client()
    client.force_login(shop.staff.user)
    cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": "en"}
    page.context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/till/cafe/members/{shop.member.public_id}/")
    for key in "5000":
        page.locator(f"[data-key='{key}']").click()
    quote = page.locator("#quote")
    expect(quote).to_contain_text("10% for regulars")
    expect(quote.locator("s")).to_have_text("$50.00")
    expect(quote.locator(".till-to-pay")).to_contain_text("$45.00")
    page.get_by_role("button", name="Use all").click()
    credit = page.locator(f"#use-{CREDIT}")
    expect(credit).to_have_value("12.34")
    expect(quote.locator(".till-to-pay")).to_contain_text("$32.66")
    credit.fill("7.5")
    expect(quote.locator(".till-to-pay")).to_contain_text("$37.50")
    page.get_by_text("I made sure it is them").click()
    page.locator("#record").click()
    expect(page.locator(".till-result")).to_be_visible()
    expect(page.locator("main")).to_contain_text("$37.50")
    with in_programme(shop.programme):
        row = Purchase.objects.get()
        assert (row.discount_minor, row.credit_paid_minor, row.to_pay_minor) == (500, 750, 3_750)
