"""An audience is written with the members in view: names to choose from, counts while one types."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.campaigns.segments.segments_of import newcomer, segment
from tests.world import Shop, make_shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cafe(transactional_db: None) -> Shop:
    shop = make_shop("cafe", owner="ben@example.com", member="Ana")
    for number in range(3):
        newcomer(shop, f"Vip {number}", tags=["vip"], language="en")
    vip = [{"fact": "member.tags", "op": "contains", "value": "vip"}]
    segment(shop, "vips", name="Khách VIP", conditions=vip)
    return shop


@pytest.fixture
def editor(cafe: Shop, live_server: LiveServer, page: Page) -> Page:
    """The owner on the page of a new segment."""
    client = Client()
    client.force_login(cafe.staff.user)
    session = client.cookies["sessionid"].value
    page.context.add_cookies(
        [
            {"name": "sessionid", "value": session, "url": live_server.url},
            {"name": "django_language", "value": "en", "url": live_server.url},
        ]
    )
    page.goto(f"{live_server.url}/dashboard/cafe/segments/new/")
    return page


def _serious(page: Page) -> list[str]:
    found: Any = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_it_counts_while_conditions_are_chosen(editor: Page) -> None:
    look = editor.locator("#look")
    expect(look).to_contain_text("Say who is meant")
    editor.locator("#id_conditions-0-fact").select_option("segment")
    value = editor.locator("#id_conditions-0-value")
    expect(value).to_have_attribute("list", "values-segment")
    value.fill("Khách VIP")
    expect(look).to_contain_text("of 4 members")
    expect(look).to_contain_text("Vip 2")
    editor.get_by_role("button", name="Add a row").click()
    editor.locator("#id_conditions-1-fact").select_option("member.days")
    editor.locator("#id_conditions-1-op").select_option("gte")
    days = editor.locator("#id_conditions-1-value")
    expect(days).not_to_have_attribute("list", "values-segment")
    days.fill("many")
    expect(look).to_contain_text("Give a whole number")
    days.fill("1000")
    expect(look).to_contain_text("0 of 4 members")
    assert _serious(editor) == []
    editor.locator("#id_name").fill("Old VIPs")
    editor.locator("#id_code").fill("old-vips")
    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_role("heading", name="Old VIPs")).to_be_visible()
    editor.reload()  # without the toast that is still coming in
    assert _serious(editor) == []
