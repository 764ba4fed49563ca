"""Rules, adjustments, gifts and settings as an integrator's program sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api import Api, make_key
from tests.world import Shop

STARS: dict[str, Any] = {
    "kind": "points.earning_rule",
    "values": {"name": "Stars", "per_minor": 40_000},
}


def _sale(shop: Shop, total: int, **more: Any) -> dict[str, Any]:
    return {"member": shop.member.public_id, "total_minor": total, **more}


def test_a_rule_is_written_published_and_replaced(shop: Shop) -> None:
    api = Api(make_key(shop))
    kinds = {one["kind"]: one for one in api.get("rules/kinds/").json()}
    fields = [one["name"] for one in kinds["points.earning_rule"]["fields"]]
    assert fields.index("per_minor") < fields.index("weekdays")
    draft = api.post("rules/", STARS)
    assert draft.status_code == 201 and draft["ETag"] == '"1"'
    address = f"rules/{draft.json()['rule']}/"
    assert api.post("purchases/", _sale(shop, 80_000)).json()["effects"] == []
    renamed = api.patch(address, {"values": {"name": "Sao"}}, match='"1"')
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Sao")
    assert api.patch(address, {"values": {"name": "x"}}, match='"1"').status_code == 412
    assert api.post(f"{address}publish/", {}).json()["state"] == "live"
    assert api.post("purchases/", _sale(shop, 80_000)).json()["effects"][0]["amount"] == 2
    successor = api.patch(address, {"values": {"points": 5}}, match="*").json()
    assert (successor["state"], successor["replaces"]) == ("draft", draft.json()["rule"])
    api.post(f"rules/{successor['rule']}/publish/", {})
    shown = [one["rule"] for one in api.get("rules/?state=live").json()["data"]]
    assert shown == [successor["rule"]]
    assert api.delete(f"rules/{successor['rule']}/").status_code == 422


def test_faults_of_a_rule_are_pointed_at(shop: Shop) -> None:
    values = {"name": "", "weekdays": [9], "points": 0}
    answer = Api(make_key(shop)).post("rules/", {"kind": "points.earning_rule", "values": values})
    pointers = {one["pointer"] for one in answer.json()["errors"]}
    assert answer.status_code == 400 and pointers == {
        "/values/name",
        "/values/weekdays",
        "/values/points",
    }
    unknown = Api(make_key(shop)).post("rules/", {"kind": "magic", "values": {}})
    assert unknown.status_code == 404
    assert unknown.json()["errors"][0]["pointer"] == "/kind"


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"points": -1}, "/values/points", "out_of_range"),
        ({"points": 1.5}, "/values/points", "not_an_integer"),
        ({"points": 2**63}, "/values/points", "out_of_range"),
        ({"starts_at": "2026-13-01T00:00:00Z"}, "/values/starts_at", "invalid_value"),
        ({"ends_at": "2026-02-30T08:00:00+07:00"}, "/values/ends_at", "invalid_value"),
        ({"name": "x" * 10_000}, "/values/name", "max_length"),
        ({"name": "a\x00b"}, "/values/name", "control_character"),
        ({"kind": "x"}, "/values/kind", "unknown_field"),
        (
            {"limits": [{"maximum": 5}, {"maximum": 1.5}]},
            "/values/limits/1/maximum",
            "not_an_integer",
        ),
        ({"limits": [[[[[[1]]]]]]}, "/values/limits/0/0/0/0/0", "too_deep"),
        ({"skus": ["x"] * 600}, "/values", "too_large"),
    ],
)
def test_one_bad_value_of_a_rule_is_named(
    shop: Shop, values: dict[str, Any], pointer: str, code: str
) -> None:
    body = {**STARS, "values": STARS["values"] | values}
    answer = Api(make_key(shop)).post("rules/", body)
    found = [(one["pointer"], one["code"]) for one in answer.json()["errors"]]
    assert (answer.status_code, found) == (400, [(pointer, code)])


def test_decimals_are_told_with_all_that_is_wrong_beside_them(shop: Shop) -> None:
    api = Api(make_key(shop))
    limits = [{"maximum": 5}, {"maximum": 1.5}]
    values = {"name": "", "points": 2.5, "per_minor": -1, "limits": limits}
    draft = api.post("rules/", {"kind": "points.earning_rule", "values": values})
    found = {one["pointer"]: one["code"] for one in draft.json()["errors"]}
    assert draft.status_code == 400 and found == {
        "/values/name": "invalid_value",
        "/values/points": "not_an_integer",
        "/values/per_minor": "out_of_range",
        "/values/limits/1/maximum": "not_an_integer",
    }
    settings = {"values": {"pay_step": 0, "value_minor": 999.5, "stars": 1}}
    answer = api.patch("points/settings/", settings, match="*")
    found = {one["pointer"]: one["code"] for one in answer.json()["errors"]}
    assert answer.status_code == 400 and found == {
        "/values/pay_step": "out_of_range",
        "/values/value_minor": "not_an_integer",
        "/values/stars": "unknown_field",
    }


def test_too_many_points_are_told_how_many_may_be_given(shop: Shop) -> None:
    api = Api(make_key(shop))
    api.patch("points/settings/", {"values": {"pay_enabled": True}}, match="*")
    gift = {"member": shop.member.public_id, "receiver": shop.member.public_id}
    for address, body, pointer in (
        ("purchases/", _sale(shop, 50_000, use={"points": 10**12}), "/use/points"),
        ("transfers/", {**gift, "amount": 10**12}, "/amount"),
    ):
        answer = api.post(address, body)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["code"]) == (400, "out_of_range")
        assert fault["pointer"] == pointer
        assert fault["detail"] == "Give a number from 1 to 1000000000."


def test_settings_are_read_and_changed(shop: Shop) -> None:
    api = Api(make_key(shop))
    before = api.get("points/settings/")
    assert before.json()["values"]["pay_enabled"] is False
    body = {"values": {"pay_enabled": True, "value_minor": 1_000, "name_vi": "sao"}}
    after = api.patch("points/settings/", body, match=before["ETag"])
    assert after.json()["values"]["value_minor"] == 1_000
    days = {"expiry_kind": "dates", "expiry_dates": ["12-31"]}
    dated = api.patch("points/settings/", {"values": days}, match="*")
    assert dated.json()["values"]["expiry_count"] == 1, "the next of them, not the twelfth"
    bad = api.patch("points/settings/", {"values": {"pay_step": 0, "x": 1}}, match="*")
    assert {one["pointer"] for one in bad.json()["errors"]} == {"/values/pay_step", "/values/x"}
    give = {"member": shop.member.public_id, "amount": 30, "text": "Quà chào mừng"}
    assert api.post("adjustments/", give).json()["state"] == "applied"
    paid = api.post("purchases/", _sale(shop, 50_000, use={"points": 20}))
    assert paid.json()["to_pay_minor"] == 30_000
    worth = api.get(f"members/{shop.member.public_id}/balances/").json()[0]
    assert (worth["available"], worth["value_minor"]) == (10, 10_000)


def test_a_large_adjustment_waits(shop: Shop) -> None:
    api = Api(make_key(shop))
    ask = {"member": shop.member.public_id, "amount": 2_000, "text": "Từ thẻ cũ"}
    asked = api.post("adjustments/", ask)
    assert asked.json()["state"] == "waiting"
    address = f"adjustments/{asked.json()['adjustment']}/"
    assert api.post(f"{address}approve/", {}).json()["code"] == "own_adjustment"
    second = Api(make_key(shop))
    assert second.post(f"{address}approve/", {}).json()["state"] == "applied"
    assert [one["state"] for one in api.get("adjustments/").json()["data"]] == ["applied"]


def test_a_visit_counts_once(shop: Shop) -> None:
    api = Api(make_key(shop))
    rule = {
        "kind": "points.earning_rule",
        "values": {"name": "Visit", "activity": "visit", "basis": "fixed", "points": 2},
    }
    draft = api.post("rules/", rule).json()["rule"]
    api.post(f"rules/{draft}/publish/", {})
    visit = {"member": shop.member.public_id, "type": "visit", "key": "42"}
    assert api.post("activities/", visit).json()["effects"][0]["amount"] == 2
    assert api.post("activities/", visit).json()["duplicate"] is True
