"""Levels people know, with their public figures: Sephora, Starbucks, an airline's status year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.tiers.levels.ladder_of import Ladder, gold, night, on
from tests.world import make_shop


@pytest.fixture
def dollars(db: None) -> Iterator[Ladder]:
    """A shop that counts in dollars, with nothing set up."""
    shop = make_shop("dollars", owner="zoe@dollars.example", member="Lan", currency="USD")
    yield Ladder(shop)
    with in_programme(shop.programme):
        assert verify().findings == []


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


def _laid_out(ladder: Ladder, blueprint: str) -> dict[str, str]:
    """A ready-made programme, published; its rewards by name."""
    loaded = ladder.did(ladder.api.post(f"blueprints/{blueprint}/", {"with_settings": True}))
    names = {}
    for rule in loaded["rules"]:
        ladder.did(ladder.api.post(f"rules/{rule}/publish/", {}))
    for reward in loaded["rewards"]:
        ladder.did(ladder.api.post(f"rewards/{reward}/publish/"))
        names[ladder.did(ladder.api.get(f"rewards/{reward}/"))["name_en"]] = reward
    return names


def test_sephora_from_the_ready_made_programme(dollars: Ladder) -> None:
    """500 points are $10; the $100 reward is Rouge's alone; a year without a purchase ends it all."""
    ladder = dollars
    with on(2025, 2, 1):
        rewards = _laid_out(ladder, "sephora-beauty-insider")
        member = ladder.join()
        ladder.buy(member, 34_999)
        ladder.buy(member, 1)
        ladder.buy(member, 12_000)
        assert (ladder.level(member), ladder.has(member)) == ("vib", 349 + 150)

        def redeem(name: str) -> Any:
            return ladder.api.post("redemptions/", {"member": member, "reward": rewards[name]})

        assert redeem("$10 off").data["params"]["missing"] == 1
        assert redeem("Rouge reward: $100 off").data["code"] == "reward_reserved"
        ladder.buy(member, 100)
        assert ladder.did(redeem("$10 off"))["state"] == "issued"
        assert ladder.has(member) == 0
        ladder.buy(member, 60_000)
        ladder.buy(member, 200_000)
        assert ladder.level(member) == "rouge"
        assert ladder.did(redeem("Rouge reward: $100 off"))["state"] == "issued"
        assert ladder.has(member) > 0
    with on(2026, 2, 2):
        assert ladder.has(member) == 0, "twelve months without a purchase"


def test_an_airline_from_the_ready_made_programme(dollars: Ladder) -> None:
    """Thirty flights are Silver without a mile more; a quiet year leaves a month, then one step down."""
    ladder = dollars
    with on(2025, 4, 2):
        _laid_out(ladder, "airline-status-year")
        often, far = ladder.join(), ladder.join()
        ladder.buy(far, 5_000_000)
        assert ladder.level(far) == "gold"
    for day in range(1, 31):
        with on(2025, 6, day):
            ladder.buy(often, 10_000)
    with on(2025, 7, 1):
        assert ladder.level(often) == "silver"
    with on(2026, 4, 1, hour=2):
        night()
        assert ladder.level(far) == "gold"
    with on(2027, 4, 1, hour=2):
        night()
        seen = ladder.of(far)
        assert (seen["level"], seen["expected"]) == ("gold", "silver")
    with on(2027, 5, 1, hour=2):
        night()
        assert ladder.level(far) == "silver"


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
