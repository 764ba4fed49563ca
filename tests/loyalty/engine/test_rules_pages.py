"""The owner writes, previews, publishes and changes rules in the dashboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from loyalty.engine.selectors import rules
from loyalty.tenancy.scope import in_programme
from tests.rewards.points.rules_of import buy, earning, points
from tests.world import Shop


@pytest.fixture
def ben(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    return client


def _form(html: str) -> dict[str, Any]:
    """What a browser would send of the page's form, unchanged."""
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]+>", html):
        found = dict(re.findall(r'(\S+?)="([^"]*)"', tag))
        kind, name = found.get("type", "text"), found.get("name")
        if not name or (kind in ("checkbox", "radio") and "checked" not in tag):
            continue
        values.setdefault(name, []).append(found.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        found_option = chosen or first
        values[name] = [found_option[1] if found_option else ""]
    for name, body in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL
    ):
        values[name] = [body.strip()]
    return values


def test_from_the_form_to_the_till(shop: Shop, ben: Client) -> None:
    page = ben.get("/dashboard/cafe/rules/new/points.earning_rule/")
    assert page.status_code == 200
    values = _form(page.content.decode())
    values |= {
        "name": "Giờ vàng",
        "points": "2",
        "per_minor": "10000",
        "weekdays": ["1", "2", "3", "4", "5", "6", "7"],
        "categories": "",
        "minimum_minor": "20000",
        "limits-0-maximum": "15",
    }
    sent = ben.post("/dashboard/cafe/rules/new/points.earning_rule/", values)
    assert sent.status_code == 302, re.findall(r"invalid-feedback.*", sent.content.decode())
    with in_programme(shop.programme):
        row = rules()[0]
    assert (row.name, row.weekdays, row.minute_to) == ("Giờ vàng", [1, 2, 3, 4, 5, 6, 7], 1440)
    assert row.limits[0] == {
        "maximum": 15,
        "measure": "amount",
        "period": "day",
        "by_all": False,
        "rejects": False,
    }
    shown = ben.get(sent["Location"])
    assert "Giờ vàng" in shown.content.decode()
    assert ben.get(f"{sent['Location']}preview/").status_code == 200
    ben.post(f"{sent['Location']}do/publish/", {})
    assert points(buy(shop, 10_000)) == 0
    assert points(buy(shop, 100_000)) == 15


def test_changing_a_published_rule_writes_a_draft(shop: Shop, ben: Client) -> None:
    rule = earning(shop).rule
    address = f"/dashboard/cafe/rules/{rule}/"
    values = _form(ben.get(f"{address}edit/").content.decode()) | {"points": "5"}
    sent = ben.post(f"{address}edit/", values)
    assert sent.status_code == 302 and sent["Location"] != address
    assert points(buy(shop, 100_000)) == 10
    assert (
        "waiting to replace" in ben.get(address, headers={"accept-language": "en"}).content.decode()
    )
    assert ben.get("/dashboard/cafe/rules/").status_code == 200


def test_faults_stand_on_their_fields(shop: Shop, ben: Client) -> None:
    page = ben.get("/dashboard/cafe/rules/new/points.multiplier_rule/")
    values = _form(page.content.decode()) | {
        "name": "<script>alert(1)</script>",
        "factor_bp": "0.5",
    }
    sent = ben.post("/dashboard/cafe/rules/new/points.multiplier_rule/", values)
    assert sent.status_code == 422
    assert "<script>alert(1)" not in sent.content.decode()
