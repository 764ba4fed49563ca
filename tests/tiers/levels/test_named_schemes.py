"""Levels people know, with their public figures: Sephora, Starbucks, an airline's status year."""

from __future__ import annotations

import pytest

from tests.tiers.levels.ladder_of import Ladder, gold, night, on

INSIDER = {"code": "insider", "name_en": "Insider"}
VIB = {"code": "vib", "name_en": "VIB", "enter": [{"spend_minor": 35_000}], "factor_bp": 12_500}
ROUGE = {
    "code": "rouge",
    "name_en": "Rouge",
    "enter": [{"spend_minor": 100_000}],
    "factor_bp": 15_000,
}


def test_sephora_beauty_insider(ladder: Ladder) -> None:
    """Dollars and cents: a point a dollar, VIB from 350, Rouge from 1,000 in a calendar year."""
    ladder.points(points=1, per_minor=100)
    ladder.rule(levels=[INSIDER, VIB, ROUGE])
    with on(2025, 3, 1):
        member = ladder.join()
        ladder.buy(member, 34_999)
        assert (ladder.level(member), ladder.has(member)) == ("insider", 349)
        ladder.buy(member, 1)
        assert ladder.level(member) == "vib"
        before = ladder.has(member)
        ladder.buy(member, 10_000)
        assert ladder.has(member) - before == 125
        ladder.buy(member, 55_000)
        assert ladder.level(member) == "rouge"
        before = ladder.has(member)
        ladder.buy(member, 10_000)
        assert ladder.has(member) - before == 150
    with on(2026, 1, 1, hour=3):
        night()
        assert ladder.level(member) == "rouge", "earned in the year that ended"
    with on(2026, 6, 1):
        ladder.buy(member, 40_000)
        seen = ladder.of(member)
        assert (seen["level"], seen["expected"]) == ("rouge", "vib")
        assert seen["stay"]["ways"] == [
            [{"basis": "spend_minor", "needed": 100_000, "have": 40_000, "missing": 60_000}]
        ]
        assert seen["review_at"] == "2026-12-31T17:00:00Z"
    with on(2027, 1, 1, hour=3):
        night()
        assert ladder.level(member) == "vib"


def _green_and_gold(ladder: Ladder) -> str:
    ladder.rule("points.earning_rule", points=3, per_minor=100)
    ladder.levels(gold([{"points": 300}]), window_kind="rolling", window_months=12)
    with on(2024, 1, 15):
        return ladder.join()


def test_starbucks_older_rules_gold_is_300_stars_within_twelve_months(ladder: Ladder) -> None:
    member = _green_and_gold(ladder)
    with on(2024, 1, 15):
        ladder.buy(member, 9_966)  # 297 stars for 99 full dollars
        ladder.api.post(
            f"members/{member}/points/adjustments/",
            {"asset": "points", "amount": 2, "text": "Sorry"},
        )
        assert ladder.level(member) == "green"
        ladder.buy(member, 100)
        assert (ladder.level(member), ladder.of(member)["review_at"]) == (
            "gold",
            "2025-01-15T17:00:00Z",
        )
    with on(2024, 9, 1):
        ladder.buy(member, 4_000)
        stay = ladder.of(member)["stay"]["ways"][0][0]
        assert (stay["have"], stay["missing"]) == (120, 180)
    with on(2025, 1, 15, hour=23):
        night()
        assert ladder.level(member) == "gold", "to the end of the day"
    with on(2025, 1, 16, hour=1):
        night()
        assert ladder.level(member) == "green", "only 120 stars in the next twelve months"


def test_starbucks_299_stars_are_green(ladder: Ladder) -> None:
    ladder.rule("points.earning_rule", points=1, per_minor=100)
    ladder.levels(gold([{"points": 300}]), window_kind="rolling", window_months=12)
    member = ladder.join()
    ladder.buy(member, 29_900)
    assert (ladder.level(member), ladder.of(member)["next"]["ways"][0][0]["missing"]) == (
        "green",
        1,
    )
    ladder.buy(member, 100)
    assert ladder.level(member) == "gold"


def test_starbucks_old_stars_die_before_there_are_enough(ladder: Ladder) -> None:
    member = _green_and_gold(ladder)
    with on(2024, 1, 15):
        ladder.buy(member, 5_000)
    with on(2025, 1, 15):
        ladder.buy(member, 4_900)
        assert ladder.of(member)["counted"]["points"] == 297
    with on(2025, 1, 16):
        ladder.buy(member, 100)
        seen = ladder.of(member)
        assert (seen["level"], seen["counted"]["points"]) == ("green", 150)


AIR_SILVER = {
    "code": "silver",
    "name_en": "Silver",
    "enter": [{"points": 25_000}, {"visits": 30}],
    "keep": [{"points": 20_000}, {"visits": 25}],
}
AIR_GOLD = {
    "code": "gold",
    "name_en": "Gold",
    "enter": [{"points": 50_000}, {"visits": 60}],
    "keep": [{"points": 40_000}, {"visits": 50}],
    "factor_bp": 15_000,
}


@pytest.mark.parametrize(("fall", "after"), [("earned", "member"), ("one", "silver")])
def test_the_status_year_of_an_airline(ladder: Ladder, fall: str, after: str) -> None:
    """Miles or flights, from one 1 April to the next; bonus miles of the status do not qualify."""
    ladder.points(points=1, per_minor=1)
    ladder.rule(
        levels=[{"code": "member", "name_en": "Member"}, AIR_SILVER, AIR_GOLD],
        window_kind="dates",
        window_dates=["04-01"],
        counts_bonus=False,
        fall=fall,
    )
    with on(2025, 5, 1):
        member = ladder.join()
        ladder.buy(member, 26_000)
        assert ladder.level(member) == "silver"
        ladder.buy(member, 24_000)
        assert ladder.level(member) == "gold"
    with on(2025, 7, 1):
        ladder.buy(member, 10_000)
        seen = ladder.of(member)
        assert (ladder.has(member), seen["counted"]["points"]) == (65_000, 60_000)
    with on(2026, 4, 1, hour=2):
        night()
        assert ladder.level(member) == "gold", "40,000 keep it, 60,000 were flown"
        assert ladder.of(member)["counted"].get("points", 0) == 0, "the new year begins at nothing"
    with on(2026, 8, 1):
        ladder.buy(member, 12_000)
    with on(2027, 4, 1, hour=2):
        night()
        assert ladder.level(member) == after
