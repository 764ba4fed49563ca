"""Every ready-made programme there is: loaded by a program from outside, published, and at work."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
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
    assert (len(loaded["rewards"]), len(loaded["rules"])) == (
        len(plan.drafts.get("rewards", ())),
        len(plan.rules),
    )
    assert {api.get(f"rules/{one}/").data["state"] for one in loaded["rules"]} == {"draft"}
    publish(api, loaded)
    assert {api.get(f"rules/{one}/").data["state"] for one in loaded["rules"]} == {"live"}


# The same in every language.
PROPER_NAMES = {"Bean Box", "Beauty Insider", "Fresh list", "Netflix"}


@EACH
def test_every_blueprint_says_what_it_is_in_both_languages(plan: Blueprint) -> None:
    for words in (plan.name, plan.about, plan.why):
        assert words.vi.strip() and words.en.strip() and words.vi != words.en
    assert {rule.kind for rule in plan.rules} <= set(rule_kinds())
    assert plan.suits
    for rule in plan.rules:
        other = rule.values.get("name_vi") or rule.values.get("name_en")
        assert other or rule.values["name"] in PROPER_NAMES, (
            "a reader of the other language is lost"
        )


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
    assert "Buy 9, get 1" in done.content.decode()


def export(api: Api) -> Any:
    answer = api.get("blueprints/export/")
    assert answer.status_code == 200, answer.data
    return answer.data


@EACH
def test_every_programme_can_be_taken_along(plan: Blueprint, api: Api) -> None:
    """Exported, loaded next door, published and exported again it is the same."""
    publish(api, load(api, plan.slug))
    first = export(api)
    assert first["left_out"] == [] or plan.slug == "buy-nine-get-tenth"
    next_door = Api(
        make_key(make_shop("next", owner="b@next.example", member="An", currency=plan.currency))
    )
    loaded = next_door.post(
        "blueprints/file/", {"blueprint": first["blueprint"], "with_settings": True}
    )
    assert loaded.status_code == 201, loaded.data
    publish(next_door, loaded.data)
    again = export(next_door)["blueprint"]
    assert {**again, "name": ""} == {**first["blueprint"], "name": ""}


def test_a_file_at_fault_names_the_place_and_leaves_nothing(shop: Shop) -> None:
    api = Api(make_key(shop))
    right = {"name": {"vi": "A"}, "currency": "VND", "rules": []}
    rule = {"kind": "points.earning_rule", "values": {"name": "A", "points": -1}}
    badge = {"key": "b", "terms": {"name_vi": "B"}}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"rules": [rule]}, "/blueprint/rules/0/values/points"),
        ({"rules": [{"kind": "points.none", "values": {}}]}, "/blueprint/rules/0/kind"),
        ({"rules": [{"kind": "x", "values": {"reward": "reward:a"}}]}, "/blueprint/rules/0/values"),
        ({"rules": "none"}, "/blueprint/rules"),
        ({"badges": [{"key": "a", "terms": {"name_vi": ""}}]}, "/blueprint/badges/0/terms/name_vi"),
        ({"rewards": [{"key": "a", "terms": {"kind": 7}}]}, "/blueprint/rewards/0/terms/kind"),
        ({"currency": "USD"}, "/blueprint/currency"),
        ({"secrets": []}, "/blueprint/secrets"),
        ({"rewards": 5}, "/blueprint/rewards"),
        ({"badges": None}, "/blueprint/badges"),
        ({"badges": {"key": "a"}}, "/blueprint/badges"),
        ({"rewards": [5]}, "/blueprint/rewards/0"),
        ({"badges": [badge, badge]}, "/blueprint/badges/1/key"),
    ]
    for change, pointer in wrong:
        body = {"blueprint": {**right, "badges": [badge], **change}}
        refused = api.post("blueprints/file/", body)
        assert refused.status_code in (400, 404), (change, refused.data)
        assert refused.data["errors"][0]["pointer"] == pointer, (change, refused.data)
    assert api.get("badges/").data["data"] == []
    assert api.get("rules/").data["data"] == []


@pytest.mark.parametrize("content", [
    b"\xff\xfe", b"- a list", b"a: [", b"a: &a [1]\nb: *a\n", b"x: y\n", b"", b"1: 2", b"#" * 200_001,
])  # fmt: skip
def test_what_is_no_file_of_a_programme(shop: Shop, content: bytes) -> None:
    browser = Client()
    browser.force_login(shop.staff.user)
    file = SimpleUploadedFile("x.yaml", content)
    address = f"/dashboard/{shop.programme.slug}/blueprints/"
    page = browser.post(address, {"file": file}, follow=True)
    assert page.status_code == 200
    assert "Drafts written" not in page.content.decode()
    assert Api(make_key(shop)).get("rules/").data["data"] == []


def test_the_owner_takes_a_programme_to_another_one(shop: Shop, other_shop: Shop) -> None:
    ben, cleo = Client(), Client()
    ben.force_login(shop.staff.user)
    cleo.force_login(other_shop.staff.user)
    api = Api(make_key(shop))
    publish(api, load(api, "buy-nine-get-tenth"))
    file = ben.get(f"/dashboard/{shop.programme.slug}/blueprints/export/")
    assert file["Content-Disposition"].endswith('.yaml"')
    address = f"/dashboard/{other_shop.programme.slug}/blueprints/"
    sent = SimpleUploadedFile("cafe.yaml", file.content)
    done = cleo.post(address, {"file": sent}, follow=True)
    assert "Buy 9, get 1" in done.content.decode()
