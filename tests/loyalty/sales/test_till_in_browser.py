"""The till as fingers and networks treat it: few taps, keyboard alone, and a line that drops."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from loyalty.sales.models import Product, Purchase
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.services import NewMember, enrol_member
from rewards.points.services import adjust_points, change_settings
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_shop(transactional_db: None) -> Shop:
    """Ben's shop, with a member who has a phone."""
    shop = make_shop("cafe", owner="ben@example.com", member="Ana")
    person = NewMember(name="Nguyễn Thị Hoa", phone="0912345678")
    enrol_member(shop.call(), person=person)
    return shop


@pytest.fixture
def till(open_shop: Shop, live_server: LiveServer, page: Page) -> Page:
    """A cashier's phone, logged in, on the till's first page."""
    user = User.objects.create_user("cashier@example.com", None, name="Cashier")
    with in_programme(open_shop.programme):
        Staff.objects.create(user=user, merchant=open_shop.merchant, role="cashier")
    client = Client()
    client.force_login(user)
    page.context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": client.cookies["sessionid"].value,
                "url": live_server.url,
            },
            {"name": "django_language", "value": "en", "url": live_server.url},
        ]
    )
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/till/cafe/")
    return page


def _totals(shop: Shop) -> list[int]:
    with in_programme(shop.programme):
        return [one.total_minor for one in Purchase.objects.order_by("id")]


def _serious(page: Page) -> list[str]:
    found: Any = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def _find(page: Page) -> None:
    page.locator("#q").press_sequentially("0912 345 678")
    page.get_by_role("link", name="Nguyễn Thị Hoa").click()
    expect(page.locator("#amount")).to_be_visible()


def test_a_regular_sale_is_typed_and_recorded_with_one_tap(open_shop: Shop, till: Page) -> None:
    assert _serious(till) == []
    _find(till)
    assert _serious(till) == []
    for key in ("8", "5", "000"):
        till.locator(f"[data-key='{key}']").click()
    expect(till.locator("#amount")).to_have_value("85,000")
    expect(till.locator("#quote")).to_contain_text("₫85,000")
    till.get_by_role("button", name="Record sale").click()
    expect(till.get_by_role("link", name="Next customer")).to_be_visible()
    assert _totals(open_shop) == [85_000]
    assert _serious(till) == []


def test_a_sale_survives_a_lost_network_and_counts_once(open_shop: Shop, till: Page) -> None:
    _find(till)
    answered: list[bool] = []

    def lose_the_answer(route: Route) -> None:
        """The server hears the sale; its answer never arrives."""
        if route.request.method == "POST" and "quote" not in route.request.url and not answered:
            answered.append(True)
            route.fetch()
            route.abort("connectionfailed")
        else:
            route.continue_()

    till.route("**/till/cafe/members/**", lose_the_answer)
    till.keyboard.type("50000")
    till.get_by_role("button", name="Record sale").click()
    expect(till.locator("#till-pending")).to_contain_text("Not confirmed yet")
    till.get_by_role("button", name="Send again").click()
    expect(till.get_by_role("link", name="Next customer")).to_be_visible()
    assert _totals(open_shop) == [50_000]
    till.get_by_role("link", name="Next customer").click()
    expect(till.locator("#till-pending")).to_be_hidden()


def test_a_sale_with_the_keyboard_alone(open_shop: Shop, till: Page) -> None:
    till.locator("#q").press_sequentially("nguyen hoa")
    expect(till.locator("#found a")).to_have_count(1)
    till.keyboard.press("Enter")
    expect(till.locator("#amount")).to_be_focused()
    till.keyboard.type("120000")
    till.keyboard.press("Enter")
    expect(till.get_by_role("link", name="Next customer")).to_be_visible()
    assert _totals(open_shop) == [120_000]


def test_a_basket_is_tapped_together(open_shop: Shop, till: Page) -> None:
    with in_programme(open_shop.programme):
        Product.objects.create(sku="latte", name="Latte", price_minor=45_000)
    _find(till)
    till.get_by_role("button", name="Products").click()
    till.get_by_role("button", name="Latte").first.click()
    till.get_by_role("button", name="One more: Latte").click()
    expect(till.locator("#quote")).to_contain_text("₫90,000")
    till.get_by_role("button", name="Record sale").click()
    expect(till.get_by_role("link", name="Next customer")).to_be_visible()
    assert _totals(open_shop) == [90_000]


def test_points_are_stepped_and_typed(open_shop: Shop, till: Page) -> None:
    """The stepper offers what pays exactly; a number between two steps is taken, and rounded aloud."""
    values = {"pay_enabled": True, "value_minor": 1_000, "value_units": 3}
    change_settings(open_shop.call(), values=values)
    with in_programme(open_shop.programme):
        member = Member.objects.get(name="Nguyễn Thị Hoa").public_id
    adjust_points(open_shop.call(), member=member, amount=20, text="A start")
    _find(till)
    till.keyboard.type("100000")
    field = till.get_by_label("Points", exact=True)
    till.locator("[data-by='3']").click()
    expect(field).to_have_value("3")
    field.fill("10")
    expect(till.locator("#quote")).to_contain_text("9 of the 10 asked for")
    till.locator("[data-by='-3']").click()
    expect(field).to_have_value("9")
    till.get_by_role("button", name="Use all").click()
    expect(field).to_have_value("18")
    field.fill("500")
    expect(till.locator("#quote")).to_contain_text("18 of the 500 asked for")
    till.locator("#identity input").check()
    till.get_by_role("button", name="Record sale").click()
    expect(till.get_by_role("link", name="Next customer")).to_be_visible()
    with in_programme(open_shop.programme):
        assert Purchase.objects.get().to_pay_minor == 94_000
