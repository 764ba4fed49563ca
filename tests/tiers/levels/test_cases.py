"""Small cases of other systems' tests, by the ids they have in the reference; the level of a segment."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.common.clock import now
from loyalty.engine.audience import asked, holding
from loyalty.engine.conditions import Condition
from loyalty.engine.matching import Moment
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.tiers.levels.ladder_of import Ladder, gold, night, on

BRONZE = {"code": "bronze", "name_en": "Bronze"}


def _by_spend(code: str, least: int, **more: Any) -> dict[str, Any]:
    return {"code": code, "name_en": code.title(), "enter": [{"spend_minor": least}], **more}


@pytest.mark.parametrize(
    ("spent", "level"),
    [
        ([6_000], "bronze"),  # ER-06
        ([25_000], "gold"),  # ER-08
        ([8_000, 3_000], "silver"),  # ER-10
        ([18_000, 3_000], "gold"),  # ER-11
    ],
)
def test_the_level_follows_all_that_was_spent(ladder: Ladder, spent: list[int], level: str) -> None:
    ladder.rule(levels=[BRONZE, _by_spend("silver", 10_000), _by_spend("gold", 20_000)])
    member = ladder.join()
    for total in spent:
        ladder.buy(member, total)
    assert ladder.level(member) == level


def test_a_level_by_hand_is_a_floor_not_a_ceiling(ladder: Ladder) -> None:
    """OL-17, OL-18: levels 0, 20, 30."""
    ladder.rule(levels=[BRONZE, _by_spend("silver", 20), _by_spend("gold", 30)])
    rich = ladder.join()
    ladder.buy(rich, 40)
    assert ladder.level(rich) == "gold"
    given = ladder.join()
    ladder.did(ladder.give(given, "silver"))
    assert ladder.level(given) == "silver"
    ladder.buy(given, 21)
    assert ladder.level(given) == "silver"
    ladder.buy(given, 9)
    assert ladder.level(given) == "gold"


@pytest.mark.parametrize(("fall", "level"), [("never", "gold"), ("earned", "silver")])
def test_points_fall_between_two_reviews(ladder: Ladder, fall: str, level: str) -> None:
    """OL-19 to OL-22: levels at 10 and 15; 11 are left when the review comes."""
    ladder.points(points=1, per_minor=1_000)
    ladder.rule(
        levels=[
            BRONZE,
            {"code": "silver", "name_en": "Silver", "enter": [{"points": 10}]},
            {"code": "gold", "name_en": "Gold", "enter": [{"points": 15}]},
        ],
        fall=fall,
    )
    with on(2024, 5, 1):
        member = ladder.join()
        ladder.buy(member, 15_000)
    with on(2025, 5, 1):
        night()
        ladder.buy(member, 11_000)
        assert ladder.level(member) == "gold", "nobody falls between two reviews"
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.level(member) == level


def test_spending_points_loses_no_level(ladder: Ladder) -> None:
    """VO-26: a level by points collected is reached though they are spent at once."""
    ladder.points(points=1, per_minor=1_000)
    ladder.levels(gold([{"points": 100}]))
    body = {"name_vi": "Quà", "kind": "gift", "costs": [{"asset": "points", "amount": 60}]}
    reward = ladder.did(ladder.api.post("rewards/", body))["id"]
    ladder.did(ladder.api.post(f"rewards/{reward}/publish/"))
    member = ladder.join()
    ladder.buy(member, 60_000)
    ladder.did(ladder.api.post("redemptions/", {"member": member, "reward": reward}))
    ladder.buy(member, 40_000)
    assert (ladder.has(member), ladder.level(member)) == (40, "gold")


@pytest.mark.parametrize(
    ("factor", "points"), [(10_000, 100), (12_500, 125), (15_000, 150), (20_000, 200)]
)
def test_the_factor_of_a_level(ladder: Ladder, factor: int, points: int) -> None:
    """RL-09: 100 base points at 1, 1.25, 1.5 and 2."""
    ladder.points(points=1, per_minor=1_000)
    ladder.levels(gold([{"visits": 1}], factor_bp=factor), visits_a_day=9)
    member = ladder.join()
    ladder.buy(member, 999)
    ladder.buy(member, 100_000)
    assert ladder.has(member) == points


def test_a_tier_is_gone_with_the_order_that_brought_it(ladder: Ladder) -> None:
    """RF-05."""
    ladder.levels(gold([{"spend_minor": 100_000}]))
    member = ladder.join()
    ladder.refund(ladder.buy(member, 100_000))
    assert ladder.level(member) == "green"


@pytest.mark.parametrize(
    ("fact", "op", "value"),
    [
        ("level", "eq", "gold"),
        ("level", "eq", "green"),
        ("level", "ne", "gold"),
        ("level", "in", ["green", "gold"]),
        ("level", "not_in", ["green"]),
        ("level_rank", "gte", 2),
        ("level_rank", "lt", 2),
        ("level_rank", "eq", 1),
    ],
)
def test_the_database_answers_as_the_fact_does(
    ladder: Ladder, fact: str, op: str, value: Any
) -> None:
    ladder.levels(gold([{"spend_minor": 100_000}]))
    rich = ladder.join()
    ladder.join()
    ladder.buy(rich, 100_000)
    condition = Condition(fact, op, value)
    with in_programme(ladder.shop.programme):
        question = asked(condition, Moment(at=now(), zone=ladder.shop.programme.timezone))
        assert question is not None
        told = set(Member.objects.filter(question))
        everybody = list(Member.objects.all())
        programme = ladder.shop.programme
        assert told == set(holding(everybody, [condition], programme=programme, at=now()))
