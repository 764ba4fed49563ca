"""Whoever sends conditions is told all that is wrong with them at once, each at its own place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api import Api, make_key
from tests.world import Shop

BROKEN: list[Any] = [
    {"fact": "purchases.count", "op": "gte", "value": 2.5},
    {"fact": "member.tags", "op": "eq", "value": "vip"},
    {"fact": "purchases.count", "op": "in", "value": [1, 2**70]},
    {"fact": "of nothing", "op": "about", "value": 1.5},
    {"fact": ["purchases.count"], "op": {"gte": 1}, "value": 1},
    {"fact": "purchases.count", "op": "not_in", "value": {"a": 1.5}},
    {"fact": "purchases.count"},
]
FAULTS = {
    "0/value": "not_an_integer",
    "2/value/1": "out_of_range",
    "3/fact": "unknown_fact",
    "3/op": "unknown_operator",
    "3/value": "not_an_integer",
    "4/fact": "unknown_fact",
    "4/op": "unknown_operator",
    "5/value": "bad_condition",
    "6": "bad_condition",
}


def _sent(body: dict[str, Any]) -> bytes:
    """As a partner's own program writes it, who knows no 64 bits."""
    return json.dumps(body).encode()


EVENT = {"title_vi": "x" * 121, "starts_at": "tomorrow", "ends_at": "2030-01-01T10:00:00+07:00"}


@pytest.mark.parametrize(
    ("address", "body", "field", "beside"),
    [
        ("segments/", {"code": "odd", "name": ""}, "conditions", "name"),
        ("segments/look/", {"segment": 5}, "conditions", "segment"),
        ("groups/", {"name": "x" * 81}, "conditions", "name"),
        ("community/events/", EVENT, "audience", "starts_at"),
        ("contests/", {"prizes": [], "opens_at": "soon"}, "audience", "opens_at"),
        ("rewards/", {"kind": "free_product", "valid_days": 1.5}, "audience", "valid_days"),
        ("newsletters/", {"subject_vi": "Hi", "body_vi": " "}, "audience", "body_vi"),
    ],
)
def test_all_that_is_wrong_with_conditions_is_told_with_what_is_wrong_beside(
    shop: Shop, address: str, body: dict[str, Any], field: str, beside: str
) -> None:
    answer = Api(make_key(shop)).post(address, _sent({**body, field: BROKEN}))
    found = {one["pointer"]: one["code"] for one in answer.json()["errors"]}
    assert answer.status_code == 400
    assert {f"/{field}/{place}": code for place, code in FAULTS.items()}.items() <= found.items()
    assert f"/{beside}" in found


def test_a_rules_numbers_beyond_all_bounds_are_told_with_the_rest(shop: Shop) -> None:
    values = {
        "name": "",
        "points": 2**70,
        "audience": BROKEN,
        "limits": [{"maximum": -(2**64)}],
        "per_minor": -1,
    }
    body = {"kind": "points.earning_rule", "values": values}
    answer = Api(make_key(shop)).post("rules/", _sent(body))
    found = {one["pointer"]: one["code"] for one in answer.json()["errors"]}
    assert answer.status_code == 400
    assert found == {
        "/values/name": "invalid_value",
        "/values/points": "out_of_range",
        "/values/limits/0/maximum": "out_of_range",
        "/values/per_minor": "out_of_range",
        **{f"/values/audience/{place}": code for place, code in FAULTS.items()},
    }
