"""Ladders that make no sense are refused, naming the field; nothing of them is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tiers.levels.ladder_of import GREEN, Ladder, gold

SILVER = {"code": "silver", "name_en": "Silver", "enter": [{"spend_minor": 500}]}
GOLD = gold([{"spend_minor": 1_000}])


@pytest.mark.parametrize(
    ("levels", "more", "code", "pointer"),
    [
        ([], {}, "invalid_value", "/levels"),
        ([GREEN, "gold"], {}, "bad_level", "/levels/1"),
        ([GREEN, gold([{"spend_minor": 500}]), {**SILVER, "enter": []}], {}, "no_conditions", "/levels/2/enter"),
        ([GREEN, SILVER, gold([{"spend_minor": 500}])], {}, "not_rising", "/levels/2/enter/0"),
        ([GREEN, SILVER, gold([{"spend_minor": 400}])], {}, "not_rising", "/levels/2/enter/0"),
        ([GREEN, SILVER, gold([{"visits": 9}])], {}, "not_rising", "/levels/2/enter/0"),
        ([GREEN, gold([{"spend_minor": 1_000}], keep=[{"spend_minor": 1_001}])], {}, "keep_above_entry", "/levels/1/keep"),
        ([GREEN, SILVER, {**GOLD, "keep": [{"spend_minor": 300}]}], {}, "leaves_a_hole", "/levels/2/keep/0"),
        ([GREEN, gold([{"spend_minor": 0}])], {}, "out_of_range", "/levels/1/enter/0/spend_minor"),
        ([GREEN, gold([{"spend_minor": "1000"}])], {}, "out_of_range", "/levels/1/enter/0/spend_minor"),
        ([GREEN, gold([{"karma": 3}])], {}, "bad_conditions", "/levels/1/enter/0"),
        ([GREEN, {**GOLD, "code": "Gold!"}], {}, "bad_code", "/levels/1/code"),
        ([GREEN, {**GOLD, "code": "green"}], {}, "code_twice", "/levels/1/code"),
        ([GREEN, {**GOLD, "name_en": "", "name_vi": ""}], {}, "required", "/levels/1/name_vi"),
        ([GREEN, {**GOLD, "colour": "red"}], {}, "unknown_field", "/levels/1/colour"),
        ([GREEN, {**GOLD, "factor_bp": 9_999}], {}, "out_of_range", "/levels/1/factor_bp"),
        ([GREEN, {**GOLD, "discount_bp": 10_001}], {}, "out_of_range", "/levels/1/discount_bp"),
        ([GREEN, {**GOLD, "free_delivery": 1}], {}, "bad_value", "/levels/1/free_delivery"),
        ([GREEN, {**GOLD, "birthday_reward": "rwd_none"}], {}, "not_found", "/levels/1/birthday_reward"),
        ([GREEN, GOLD], {"window_kind": "rolling", "window_months": 0}, "out_of_range", "/window_months"),
        ([GREEN, GOLD], {"window_kind": "dates"}, "bad_dates", "/window_dates"),
        ([GREEN, GOLD], {"window_kind": "dates", "window_dates": ["13-01"]}, "bad_date", "/window_dates/0"),
        ([GREEN, GOLD], {"window_kind": "dates", "window_dates": [4]}, "wrong_type", "/window_dates/0"),
        ([GREEN, GOLD], {"window_kind": "dates", "window_dates": ["04-01", "04-01"]}, "date_twice", "/window_dates/1"),
        ([GREEN, {**GOLD, "keep": [{"spend_minor": 5}]}], {"window_kind": "lifetime"}, "never_reviewed", "/levels/1/keep"),
        ([GREEN, GOLD], {"grace_count": 5_000}, "out_of_range", "/grace_count"),
        ([GREEN, GOLD], {"limits": [{"maximum": 5}]}, "not_here", "/limits"),
        ([GREEN, GOLD], {"audience": [{"fact": "level", "op": "eq", "value": "gold"}]}, "asks_for_itself", "/audience"),
        ([GREEN, GOLD], {"asset": "karma"}, "not_found", "/asset"),
        ([GREEN, GOLD], {"minimum_minor": -1}, "out_of_range", "/minimum_minor"),
    ],
)  # fmt: skip
def test_a_ladder_that_makes_no_sense(
    ladder: Ladder, levels: Any, more: dict[str, Any], code: str, pointer: str
) -> None:
    values = {"name": "Levels", "levels": levels, **more}
    refused = ladder.api.post("rules/", {"kind": "levels.ladder", "values": values})
    assert refused.status_code in (400, 404), refused.data
    faults = [(one["code"], one["pointer"]) for one in refused.data["errors"]]
    assert faults == [(code, f"/values{pointer}")], refused.data
    assert ladder.api.get("rules/").data["data"] == []


def test_an_edit_that_overlaps_leaves_the_live_ladder_alone(ladder: Ladder) -> None:
    rule = ladder.rule(levels=[GREEN, SILVER, GOLD])
    tag = ladder.api.get(f"rules/{rule}/").headers["ETag"]
    bad = {"values": {"levels": [GREEN, SILVER, gold([{"spend_minor": 500}])]}}
    refused = ladder.api.patch(f"rules/{rule}/", bad, match=tag)
    assert (refused.status_code, refused.data["code"]) == (400, "not_rising")
    (shown,) = ladder.did(ladder.api.get("levels/"))
    assert shown["levels"][2]["enter"] == [{"spend_minor": 1_000}]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"level": "gold"}, "required"),
        ({"level": "gold", "reason": "x", "until": "2001-01-01T00:00:00+07:00"}, "in_the_past"),
        ({"level": "gold", "reason": "x", "until": "tomorrow"}, "invalid"),
        ({"level": "diamond", "reason": "x"}, "level_not_found"),
    ],
)
def test_a_gift_that_makes_no_sense(ladder: Ladder, body: dict[str, Any], code: str) -> None:
    ladder.rule(levels=[GREEN, GOLD])
    member = ladder.join()
    refused = ladder.api.post(f"members/{member}/level/given/", body)
    assert refused.status_code in (400, 404)
    codes = {refused.data["code"], *(one["code"] for one in refused.data.get("errors", ()))}
    assert code in codes, refused.data
    assert ladder.level(member) == "green"


def test_nobody_next_door_sees_or_gives(ladder: Ladder, other_shop: Any) -> None:
    ladder.rule(levels=[GREEN, GOLD])
    member = ladder.join()
    stranger = Ladder(other_shop)
    assert stranger.api.get(f"members/{member}/level/").status_code == 404
    assert stranger.give(member, "gold").status_code == 404
    assert stranger.api.get("levels/").data == []


def test_a_second_ladder_for_the_same_people_is_refused(ladder: Ladder) -> None:
    """It would move everybody at once; another one needs its own people, or the first to end."""
    first = ladder.levels(gold([{"visits": 3}]))
    silver = {"code": "silver", "name_en": "Silver", "enter": [{"visits": 1}]}
    body = {"kind": "levels.ladder", "values": {"name": "Second", "levels": [GREEN, silver]}}
    draft = ladder.did(ladder.api.post("rules/", body))["rule"]
    refused = ladder.api.post(f"rules/{draft}/publish/", {})
    assert (refused.status_code, refused.data["code"]) == (422, "second_ladder")
    wholesale = [{"fact": "member.tags", "op": "contains", "value": "wholesale"}]
    tag = ladder.api.get(f"rules/{draft}/").headers["ETag"]
    changed = {"values": {"audience": wholesale}}
    ladder.did(ladder.api.patch(f"rules/{draft}/", changed, match=tag))
    refused = ladder.api.post(f"rules/{draft}/publish/", {})
    assert refused.data["code"] == "same_priority"
    ladder.did(ladder.api.post(f"rules/{first}/end/", {}))
    ladder.did(ladder.api.post(f"rules/{draft}/publish/", {}))


@pytest.mark.parametrize("name", ["skus", "categories", "excluded_skus", "locations"])
def test_a_list_of_codes_holds_codes_only(ladder: Ladder, name: str) -> None:
    values = {"name": "Odd", "levels": [GREEN], name: [{"x": 1}]}
    refused = ladder.api.post("rules/", {"kind": "levels.ladder", "values": values})
    assert (refused.status_code, refused.data["errors"][0]["pointer"]) == (400, f"/values/{name}/0")
