"""New thresholds: said beforehand who moves; up with the next walk; nobody down before a review."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.ledger.holders import join_household, merge_members
from loyalty.outbox.relay import relay_due
from tests.tiers.levels.ladder_of import GREEN, Ladder, gold, night, on
from tiers.levels.selectors import movers

SILVER = {"code": "silver", "name_en": "Silver", "enter": [{"spend_minor": 500_000}]}
GOLD = gold([{"spend_minor": 1_000_000}])


def _drafted(ladder: Ladder, rule: str, *levels: Any, **values: Any) -> str:
    tag = ladder.api.get(f"rules/{rule}/").headers["ETag"]
    body = {"values": {"levels": [GREEN, *levels], **values}}
    return str(ladder.did(ladder.api.patch(f"rules/{rule}/", body, match=tag))["rule"])


def _foretold(ladder: Ladder, draft: str) -> dict[str, list[tuple[str, str, str]]]:
    found = ladder.did(ladder.api.get(f"levels/{draft}/movers/"))
    assert all(found[name]["count"] == len(found[name]["first"]) for name in _GROUPS)
    return {
        name: [(one["member"], one["before"], one["after"]) for one in found[name]["first"]]
        for name in _GROUPS
    }


_GROUPS = ("rise", "lose", "fall", "saved")


def test_lower_thresholds_lift_and_higher_ones_wait(
    ladder: Ladder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(movers, "_CHUNK", 2)
    rule = ladder.levels(SILVER, GOLD)
    with on(2025, 3, 1):
        few, some, many = ladder.join(), ladder.join(), ladder.join()
        for member, spent in ((few, 400_000), (some, 600_000), (many, 1_000_000)):
            ladder.buy(member, spent)
        night()
        draft = _drafted(
            ladder,
            rule,
            {**SILVER, "enter": [{"spend_minor": 400_000}]},
            gold([{"spend_minor": 2_000_000}]),
        )
        assert _foretold(ladder, draft) == {
            "rise": [(few, "green", "silver")],
            "lose": [],
            "fall": [(many, "gold", "silver")],
            "saved": [],
        }
        ladder.did(ladder.api.post(f"rules/{draft}/publish/", {}))
        assert [ladder.level(one) for one in (few, some, many)] == ["green", "silver", "gold"]
        night()
        night()
        assert [ladder.level(one) for one in (few, some, many)] == ["silver", "silver", "gold"]
        assert ladder.of(many)["expected"] == "silver"
        walks = ladder.did(ladder.api.get("levels/reviews/"))["data"]
        edits = [(one["done"], one["total"], one["rose"]) for one in walks if one["kind"] == "edit"]
        assert edits == [(4, 4, 1)]
    with on(2026, 1, 1, hour=2):
        night()
        assert [ladder.level(one) for one in (few, some, many)] == ["silver"] * 3


def test_a_level_taken_off_the_ladder(ladder: Ladder) -> None:
    rule = ladder.levels(SILVER, GOLD)
    member, rich = ladder.join(), ladder.join()
    ladder.buy(member, 600_000)
    ladder.buy(rich, 1_000_000)
    draft = _drafted(ladder, rule, GOLD)
    assert _foretold(ladder, draft)["lose"] == [(member, "silver", "green")]
    ladder.did(ladder.api.post(f"rules/{draft}/publish/", {}))
    assert [ladder.level(one) for one in (member, rich)] == ["green", "gold"]


def test_softer_keeping_saves(ladder: Ladder) -> None:
    rule = ladder.levels(GOLD)
    with on(2024, 3, 1):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2025, 3, 1):
        night()
        ladder.buy(member, 300_000)
        draft = _drafted(ladder, rule, {**GOLD, "keep": [{"spend_minor": 300_000}]})
        assert _foretold(ladder, draft)["saved"] == [(member, "gold", "gold")]
        ladder.did(ladder.api.post(f"rules/{draft}/publish/", {}))
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.level(member) == "gold"


def test_a_new_thing_to_count_begins_at_nothing(ladder: Ladder) -> None:
    rule = ladder.levels(GOLD)
    member = ladder.join()
    ladder.buy(member, 900_000)
    ladder.edit(rule, levels=[GREEN, gold([{"spend_minor": 1_000_000}, {"visits": 2}])])
    ladder.buy(member, 1_000)
    seen = ladder.of(member)["counted"]
    assert (seen["spend_minor"], seen["visits"]) == (901_000, 1)


def test_a_refund_after_an_edit_takes_what_counted_that_day(ladder: Ladder) -> None:
    rule = ladder.levels(GOLD)
    member = ladder.join()
    sale = ladder.buy(member, 400_000)
    ladder.edit(rule, levels=[GREEN, gold([{"spend_minor": 300_000}])], minimum_minor=500_000)
    night()
    night()
    assert ladder.level(member) == "gold"
    ladder.refund(sale)
    assert (ladder.level(member), ladder.of(member)["counted"]["spend_minor"]) == ("green", 0)


def test_two_cards_become_one(ladder: Ladder) -> None:
    ladder.levels(GOLD)
    first, second, third = ladder.join(), ladder.join(), ladder.join()
    ladder.buy(first, 600_000)
    ladder.buy(second, 400_000)
    ladder.did(ladder.give(third, "gold", reason="Press"))
    merge_members(ladder.shop.call(), survivor=first, loser=second)
    _settle()
    assert ladder.level(first) == "gold"
    fourth = ladder.join()
    merge_members(ladder.shop.call(), survivor=fourth, loser=third)
    _settle()
    assert (ladder.level(fourth), ladder.of(fourth)["given"]["reason"]) == ("gold", "Press")


def test_a_household_stands_together(ladder: Ladder) -> None:
    ladder.levels(GOLD)
    ana, ben = ladder.join(), ladder.join()
    ladder.buy(ana, 600_000)
    join_household(ladder.shop.call(), member=ben, other=ana)
    ladder.buy(ben, 400_000)
    _settle()
    assert [ladder.level(one) for one in (ana, ben)] == ["gold", "gold"]


def _settle() -> None:
    while relay_due():
        pass


def test_a_draft_of_a_first_ladder_moves_nobody_yet(ladder: Ladder) -> None:
    ladder.join()
    body = {"kind": "levels.ladder", "values": {"name": "Levels", "levels": [GREEN, GOLD]}}
    draft = ladder.did(ladder.api.post("rules/", body))["rule"]
    assert _foretold(ladder, draft) == {name: [] for name in _GROUPS}
