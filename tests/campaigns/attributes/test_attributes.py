"""What a shop's own systems know of members becomes a fact that rules ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from loyalty.tenancy.scope import in_programme
from members.profiles.selectors import personal_data
from members.profiles.services import erase_member
from tests.api import Api, make_key
from tests.world import Shop


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(make_key(shop))


def _declare(api: Api, **more: Any) -> Any:
    body = {"code": "lines", "kind": "number", "name_vi": "số thuê bao", "name_en": "lines", **more}
    return api.post("attributes/", body)


def _rule(api: Api, fact: str, value: Any, op: str = "gte") -> Any:
    audience = [{"fact": fact, "op": op, "value": value}]
    values = {"name": "P", "basis": "fixed", "points": 10, "audience": audience}
    made = api.post("rules/", {"kind": "points.earning_rule", "values": values})
    return made if made.status_code != 201 else api.post(f"rules/{made.data['rule']}/publish/", {})


def test_a_rule_asks_for_an_attribute(api: Api, shop: Shop) -> None:
    assert _declare(api).status_code == 201
    assert _rule(api, "attribute.lines", 2).status_code == 200
    member = shop.member.public_id

    def earned() -> int:
        sale = api.post("purchases/", {"member": member, "total_minor": 1_000})
        return sum(one["amount"] for one in sale.data["effects"])

    assert earned() == 0
    path = f"members/{member}/attributes/"
    assert api.post(path, {"values": {"lines": 1}}).data["values"] == {"lines": 1}
    assert earned() == 0
    api.post(path, {"values": {"lines": 2}})
    assert earned() == 10
    assert api.post(path, {"values": {"lines": None}}).data["values"] == {}
    assert earned() == 0


def test_what_was_never_declared_is_refused(api: Api, shop: Shop) -> None:
    path = f"members/{shop.member.public_id}/attributes/"
    unknown = api.post(path, {"values": {"lines": 2}})
    assert (unknown.status_code, unknown.data["code"]) == (400, "unknown_attribute")
    refused = _rule(api, "attribute.lines", 2)
    assert (refused.status_code, refused.data["code"]) == (400, "unknown_fact")
    assert _declare(api).status_code == 201
    assert _declare(api).status_code == 409
    for bad in ("two", 2.5, True, 2**62):
        wrong = api.post(path, {"values": {"lines": bad}})
        assert wrong.status_code == 400, bad
    both = api.post(path, {"values": {"lines": 2.5, "colour": "red"}})
    found = {one["pointer"]: one["code"] for one in both.data["errors"]}
    assert found == {"/values/lines": "wrong_type", "/values/colour": "unknown_attribute"}
    huge = api.post(path, {"values": {"lines": 2**62}}).data["errors"][0]
    assert (huge["pointer"], huge["code"]) == ("/values/lines", "out_of_range")
    assert _rule(api, "attribute.lines", "two", "eq").data["code"] == "wrong_type"
    assert _declare(api, code="Bad code").status_code == 400


def test_a_text_has_its_words(api: Api, shop: Shop) -> None:
    made = _declare(api, code="plan", kind="text", options=["basic", "family"])
    path = f"members/{shop.member.public_id}/attributes/"
    assert api.post(path, {"values": {"plan": "gold"}}).status_code == 400
    assert api.post(path, {"values": {"plan": "family"}}).status_code == 200
    wider = api.patch(f"attributes/{made.data['id']}/", {"options": ["basic", "gold"]}, match='"1"')
    assert wider.data["revision"] == 2
    assert api.post(path, {"values": {"plan": "gold"}}).status_code == 200
    assert _rule(api, "attribute.plan", "silver", "eq").data["code"] == "unknown_value"


def test_it_is_the_persons_own_and_goes_with_them(api: Api, shop: Shop) -> None:
    _declare(api)
    member = shop.member.public_id
    api.post(f"members/{member}/attributes/", {"values": {"lines": 3}})
    with in_programme(shop.programme):
        assert json.dumps(personal_data(shop.member)).count('"lines": 3') == 1
    erase_member(shop.call(), member=member)
    assert api.get(f"members/{member}/attributes/").data["values"] == {}


def test_it_is_declared_in_the_dashboard_and_chosen_in_a_rule(shop: Shop) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(shop.staff.user)
    page = f"/dashboard/{shop.programme.slug}/attributes/"
    body = {"code": "lines", "kind": "number", "name_vi": "số thuê bao", "name_en": "lines paid"}
    assert "attribute.lines" in browser.post(page, body, follow=True).content.decode()
    form = browser.get(f"/dashboard/{shop.programme.slug}/rules/new/points.earning_rule/")
    assert "lines paid" in form.content.decode()


def test_staff_type_what_is_known_and_put_an_attribute_away(api: Api, shop: Shop) -> None:
    lines = _declare(api).data["id"]
    _declare(api, code="vip", kind="flag", name_vi="khách quý", name_en="a VIP")
    ben, member = Client(), shop.member.public_id
    ben.force_login(shop.staff.user)
    home = f"/dashboard/{shop.programme.slug}/"
    values = f"{home}members/{member}/attributes/"
    assert "a VIP" in ben.get(f"{home}members/{member}/").content.decode()
    ben.post(values, {"lines": "3", "vip": "yes"})
    told = api.get(f"members/{member}/attributes/").data
    assert told["values"] == {"lines": 3, "vip": True}
    assert told["changed_at"] is not None
    assert ben.post(values, {"lines": "many", "vip": "yes"}).status_code in (302, 422)
    assert api.get(f"members/{member}/attributes/").data["values"]["lines"] == 3
    ben.post(f"{home}attributes/{lines}/away/", {"act": "away"})
    refused = api.post(f"members/{member}/attributes/", {"values": {"lines": 4}})
    assert refused.data["code"] == "unknown_attribute"
    assert api.get(f"members/{member}/attributes/").data["values"]["lines"] == 3
    ben.post(f"{home}attributes/{lines}/away/", {"act": "back"})
    assert api.post(f"members/{member}/attributes/", {"values": {"lines": 4}}).status_code == 200
    ben.post(values, {"lines": "", "vip": "no"})
    assert api.get(f"members/{member}/attributes/").data["values"] == {"vip": False}
