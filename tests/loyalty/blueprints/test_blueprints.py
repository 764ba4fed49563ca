"""Every ready-made programme there is: loaded by a program from outside, published, and at work."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from loyalty.blueprints.blueprint import Blueprint, blueprints
from loyalty.engine.selectors import rule_kinds
from tests.api import Api, make_key
from tests.world import Shop, make_shop

EACH = pytest.mark.parametrize("plan", blueprints().values(), ids=lambda plan: plan.slug)


@pytest.fixture
def api(plan: Blueprint, db: None) -> Api:
    shop = make_shop("plan", owner="ngoc@plan.example", member="Lan", currency=plan.currency)
    return Api(make_key(shop))


def load(api: Api, slug: str, **how: Any) -> Any:
    answer = api.post(f"blueprints/{slug}/", {"with_settings": True, **how})
    assert answer.status_code == 201, answer.data
    return answer.data


def publish(api: Api, loaded: Any) -> None:
    """The rules first, then the rewards, which may be for a level that a rule has to make."""
    for rule in loaded["rules"]:
        answer = api.post(f"rules/{rule}/publish/", {})
        assert answer.status_code == 200, answer.data
    for reward in loaded["rewards"]:
        assert api.post(f"rewards/{reward}/publish/").status_code == 200


@EACH
def test_every_blueprint_loads_as_drafts_and_can_be_published(plan: Blueprint, api: Api) -> None:
    loaded = load(api, plan.slug)
    assert (len(loaded["rewards"]), len(loaded["rules"])) == (len(plan.rewards), len(plan.rules))
    assert {api.get(f"rules/{one}/").data["state"] for one in loaded["rules"]} == {"draft"}
    publish(api, loaded)
    assert {api.get(f"rules/{one}/").data["state"] for one in loaded["rules"]} == {"live"}


@EACH
def test_every_blueprint_says_what_it_is_in_both_languages(plan: Blueprint) -> None:
    for words in (plan.name, plan.about, plan.why):
        assert words.vi.strip() and words.en.strip() and words.vi != words.en
    assert {rule.kind for rule in plan.rules} <= set(rule_kinds())
    assert plan.suits


def test_loading_twice_under_one_key_writes_once(shop: Shop) -> None:
    api = Api(make_key(shop))
    first, again = (api.post("blueprints/starbucks-vn/", {}, key="once").data for _ in range(2))
    assert first == again
    assert len(api.get("rules/?state=draft").data["data"]) == 1


def test_one_in_another_currency_is_refused_and_leaves_nothing(shop: Shop) -> None:
    api = Api(make_key(shop))
    refused = api.post("blueprints/ten-per-hundred/", {})
    assert (refused.status_code, refused.data["code"]) == (400, "wrong_currency")
    assert api.post("blueprints/no-such/", {}).status_code == 404
    assert api.get("rules/").data["data"] == []


def test_the_owner_loads_one_from_the_dashboard(shop: Shop) -> None:
    browser = Client()
    browser.force_login(shop.staff.user)
    address = f"/dashboard/{shop.programme.slug}/blueprints/"
    page = browser.get(address)
    assert "buy nine" in page.content.decode()
    done = browser.post(address, {"blueprint": "buy-nine-get-tenth"}, follow=True)
    assert "Mua 9 tặng 1" in done.content.decode()
