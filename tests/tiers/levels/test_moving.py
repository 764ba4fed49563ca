"""Up and down: windows, timing, grace, gifts, time as a member, a plan that protects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from loyalty.common.clock import now, played_at
from loyalty.engine.services import record_activity
from tests.tiers.levels.ladder_of import GREEN, Ladder, gold, night, on

RICH = gold([{"spend_minor": 1_000_000}], keep=[{"spend_minor": 500_000}])


def _last_day(seen: Any) -> str:
    return str(seen["review_at"])[:10]


@pytest.mark.parametrize(
    ("window", "reviewed"),
    [
        ({"window_kind": "calendar"}, "2025-12-31"),
        ({"window_kind": "rolling", "window_months": 6}, "2025-11-20"),
        ({"window_kind": "anniversary"}, "2026-02-27"),
        ({"window_kind": "dates", "window_dates": ["09-01", "03-01"]}, "2025-08-31"),
    ],
)
def test_each_window_ends_on_its_day(ladder: Ladder, window: dict[str, Any], reviewed: str) -> None:
    ladder.levels(RICH, **window)
    with on(2024, 2, 28):
        member = ladder.join()
    with on(2025, 5, 20):
        ladder.buy(member, 1_200_000)
        seen = ladder.of(member)
        assert (seen["level"], _last_day(seen)) == ("gold", reviewed)
        assert seen["stay"]["ways"][0][0]["needed"] == 500_000


def test_a_lifetime_is_never_reviewed(ladder: Ladder) -> None:
    ladder.levels(gold([{"spend_minor": 1_000_000}]), window_kind="lifetime")
    with on(2019, 5, 1):
        member = ladder.join()
        ladder.buy(member, 400_000)
    with on(2025, 5, 1):
        ladder.buy(member, 600_000)
        night()
        seen = ladder.of(member)
        assert (seen["level"], seen["review_at"], seen["stay"]) == ("gold", None, None)


def test_keeping_asks_for_less_than_entering(ladder: Ladder) -> None:
    ladder.levels(RICH)
    with on(2024, 6, 1):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2025, 6, 1):
        night()
        ladder.buy(member, 499_999)
        assert ladder.of(member)["stay"]["ways"][0][0]["missing"] == 1
        assert ladder.of(member)["expected"] == "green"
        ladder.buy(member, 1)
        assert ladder.of(member)["expected"] == "gold"
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.level(member) == "gold"


@pytest.mark.parametrize(
    ("window", "rises"),
    [
        ({}, (2026, 1, 1)),
        ({"window_kind": "rolling"}, (2025, 7, 1)),
        ({"window_kind": "lifetime"}, (2025, 7, 1)),
    ],
)
def test_up_with_the_next_period(
    ladder: Ladder, window: dict[str, Any], rises: tuple[int, int, int]
) -> None:
    ladder.levels(gold([{"spend_minor": 1_000_000}]), rise="next_period", **window)
    with on(2025, 6, 10):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
        seen = ladder.of(member)
        assert (seen["level"], seen["rising"]) == ("green", "gold")
    with on(*rises, hour=2):
        night()
        assert ladder.level(member) == "gold"


def test_up_with_the_next_period_unless_it_came_back(ladder: Ladder) -> None:
    ladder.levels(gold([{"spend_minor": 1_000_000}]), rise="next_period")
    with on(2025, 6, 10):
        member = ladder.join()
        sale = ladder.buy(member, 1_000_000)
        ladder.refund(sale)
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.level(member) == "green"


PLATINUM = {
    "code": "platinum",
    "name_en": "Platinum",
    "enter": [{"spend_minor": 3_000_000}],
    "keep": [{"spend_minor": 2_000_000}],
}


@pytest.mark.parametrize(
    ("fall", "levels"),
    [
        ("earned", ["platinum", "green", "green"]),
        ("one", ["platinum", "gold", "green"]),
        ("never", ["platinum", "platinum", "platinum"]),
    ],
)
def test_down_by_the_shops_choice(ladder: Ladder, fall: str, levels: list[str]) -> None:
    ladder.levels(RICH, PLATINUM, fall=fall)
    with on(2023, 6, 1):
        member = ladder.join()
        ladder.buy(member, 3_000_000)
    found = []
    for year in (2024, 2025, 2026):
        with on(year, 1, 1, hour=2):
            night()
            found.append(ladder.level(member))
    assert found == levels


def test_down_to_the_level_whose_stay_is_met(ladder: Ladder) -> None:
    ladder.levels(RICH, PLATINUM)
    with on(2024, 6, 1):
        member = ladder.join()
        ladder.buy(member, 3_000_000)
    with on(2025, 6, 1):
        night()
        ladder.buy(member, 600_000)
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.level(member) == "gold"


def test_a_level_for_life_is_not_lost(ladder: Ladder) -> None:
    ladder.levels({**RICH, "for_life": True}, PLATINUM)
    with on(2023, 6, 1):
        member = ladder.join()
        ladder.buy(member, 3_000_000)
    with on(2026, 1, 2):
        night()
        assert (ladder.level(member), ladder.of(member)["review_at"]) == ("gold", None)


@pytest.mark.parametrize(
    ("round_up", "ends"),
    [("", (2026, 2, 20)), ("month", (2026, 2, 28)), ("quarter", (2026, 3, 31))],
)
def test_a_time_of_grace(ladder: Ladder, round_up: str, ends: tuple[int, int, int]) -> None:
    ladder.levels(
        RICH, window_kind="rolling", window_months=6, grace_count=1, grace_round_up=round_up
    )
    with on(2025, 7, 20):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2026, 1, 21, hour=2):
        night()
        seen = ladder.of(member)
        assert (seen["level"], seen["expected"]) == ("gold", "green")
    with on(*ends, hour=23):
        night()
        assert ladder.level(member) == "gold"
    with on(*ends, hour=23), played_at(now() + timedelta(hours=1)):
        night()
        assert ladder.level(member) == "green"


def test_what_counts_in_the_grace_saves_the_level(ladder: Ladder) -> None:
    ladder.levels(RICH, grace_count=3)
    with on(2024, 7, 20):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.of(member)["grace_until"] == "2026-03-31T17:00:00Z"
    with on(2026, 2, 1):
        ladder.buy(member, 500_000)
        seen = ladder.of(member)
        assert (seen["grace_until"], _last_day(seen)) == (None, "2026-12-31")
    with on(2026, 6, 1):
        night()
        assert ladder.level(member) == "gold"


def test_and_and_or(ladder: Ladder) -> None:
    ladder.levels(
        gold([{"spend_minor": 500_000, "visits": 3}, {"spend_minor": 2_000_000}]), visits_a_day=9
    )
    often, big = ladder.join(), ladder.join()
    ladder.buy(often, 600_000)
    ladder.buy(often, 1_000)
    assert ladder.level(often) == "green"
    ladder.buy(often, 1_000)
    ladder.buy(big, 2_000_000)
    assert [ladder.level(one) for one in (often, big)] == ["gold", "gold"]


def test_one_visit_a_day(ladder: Ladder) -> None:
    ladder.levels(gold([{"visits": 2}]))
    with on(2025, 3, 1, hour=8):
        member = ladder.join()
        ladder.buy(member, 1_000)
        ladder.buy(member, 1_000)
        assert ladder.of(member)["counted"]["visits"] == 1
    with on(2025, 3, 2, hour=8):
        ladder.buy(member, 1_000)
        assert ladder.level(member) == "gold"


def test_only_some_goods_count(ladder: Ladder) -> None:
    ladder.levels(gold([{"spend_minor": 100_000}]), excluded_skus=["card"], minimum_minor=20_000)
    member = ladder.join()
    lines = [
        {"sku": "card", "net_minor": 500_000},
        {"sku": "tea", "net_minor": 40_000},
    ]
    ladder.did(ladder.api.post("purchases/", {"member": member, "lines": lines}))
    ladder.buy(member, 19_999)
    assert ladder.of(member)["counted"]["spend_minor"] == 40_000


def test_months_as_a_member_lift_by_themselves(ladder: Ladder) -> None:
    ladder.levels(gold([{"months": 12, "visits": 1}]))
    with on(2024, 3, 31):
        member = ladder.join()
        ladder.buy(member, 1_000)
    with on(2025, 1, 5):
        ladder.buy(member, 1_000)
    with on(2025, 3, 30):
        night()
        assert ladder.level(member) == "green"
    with on(2025, 3, 31, hour=1):
        night()
        assert ladder.level(member) == "gold"


def test_a_level_by_hand_is_a_floor_with_an_end(ladder: Ladder) -> None:
    ladder.levels(RICH, PLATINUM)
    with on(2025, 3, 1):
        member = ladder.join()
        assert ladder.give(member, "silver").status_code == 404
        until = "2025-09-01T00:00:00+07:00"
        given = ladder.did(ladder.give(member, "gold", until=until))
        assert (given["before"], given["level"]) == ("", "gold")
        assert ladder.of(member)["given"]["reason"] == "Status match"
        ladder.buy(member, 3_000_000)
        assert ladder.level(member) == "platinum", "no ceiling"
    with on(2025, 9, 1, hour=1):
        night()
        assert (ladder.level(member), ladder.of(member)["given"]) == ("platinum", None)


def test_a_level_by_hand_ends(ladder: Ladder) -> None:
    ladder.levels(RICH)
    with on(2025, 3, 1):
        member = ladder.join()
        ladder.did(ladder.give(member, "gold", until="2025-09-01T00:00:00+07:00"))
    with on(2025, 9, 1, hour=1):
        night()
        assert ladder.level(member) == "green"
        moves = ladder.did(ladder.api.get(f"members/{member}/level/history/"))["data"]
        assert [one["reason"] for one in moves] == ["level_given_over", "level_given"]
    with on(2025, 10, 1):
        ladder.did(ladder.give(member, "gold"))
        ended = ladder.api.post(f"members/{member}/level/given/end/", {"reason": "Wrong card"})
        assert ladder.did(ended)["level"] == "green"
        again = ladder.api.post(f"members/{member}/level/given/end/", {})
        assert (again.status_code, again.data["code"]) == (422, "nothing_given")


def test_a_gift_survives_refund_and_review(ladder: Ladder) -> None:
    ladder.levels(RICH)
    with on(2025, 3, 1):
        member = ladder.join()
        sale = ladder.buy(member, 1_000_000)
        ladder.did(ladder.give(member, "gold"))
        ladder.refund(sale)
        assert ladder.level(member) == "gold"
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.level(member) == "gold"


@pytest.mark.parametrize(("protects", "level"), [(True, "gold"), (False, "green")])
def test_a_paid_plan_protects_the_level(ladder: Ladder, protects: bool, level: str) -> None:
    ladder.levels(RICH)
    plan = {"code": "prime", "price_minor": 0, "renews": False, "period_count": 12}
    ladder.rule("memberships.plan", protects_tier=protects, **plan)
    with on(2025, 6, 1):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2026, 6, 1):
        night()
        assert ladder.level(member) == "gold", "kept by what 2025 brought"
        ladder.did(ladder.api.post("memberships/", {"member": member, "plan": "prime"}))
        assert ladder.of(member)["protected"] is protects
    with on(2027, 1, 1, hour=2):
        night()
        assert ladder.level(member) == level


def test_other_rules_ask_for_the_level(ladder: Ladder) -> None:
    ladder.levels(RICH)
    only = [{"fact": "level_rank", "op": "gte", "value": 2}]
    ladder.points(points=7, per_minor=100_000, audience=only)
    member = ladder.join()
    ladder.buy(member, 1_000_000)
    assert ladder.has(member) == 0, "the sale that reaches it was made below it"
    ladder.buy(member, 100_000)
    assert ladder.has(member) == 7


def test_a_birthday_gift_by_level(ladder: Ladder) -> None:
    reward = ladder.did(
        ladder.api.post("rewards/", {"name_vi": "Bánh", "kind": "free_product", "skus": ["cake"]})
    )
    ladder.did(ladder.api.post(f"rewards/{reward['id']}/publish/"))
    ladder.levels(gold([{"visits": 1}], birthday_reward=reward["id"]))
    green, golden = ladder.join(), ladder.join()
    ladder.buy(golden, 1_000)
    for member in (green, golden):
        record_activity(
            ladder.shop.call(), member=member, type="member.birthday", key=f"{member}:2026"
        )
    found = [
        len(ladder.did(ladder.api.get(f"members/{one}/vouchers/"))["data"])
        for one in (green, golden)
    ]
    assert found == [0, 1]


def test_reviewed_in_the_moment_even_when_no_worker_ran(ladder: Ladder) -> None:
    """The perks of a level that is over are gone at once, and the sale reviews on its way."""
    ladder.points(points=1, per_minor=1_000)
    ladder.levels({**RICH, "factor_bp": 20_000})
    with on(2024, 6, 1):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2026, 6, 1):
        assert ladder.level(member) == "green"
        sold = ladder.buy(member, 10_000)
        assert ladder.has(member) == 1_010
        assert "level_fell" in [one["reason"] for one in sold["effects"]]


def test_green_is_everybodys(ladder: Ladder) -> None:
    member = ladder.join()
    assert ladder.level(member) == ""
    ladder.levels(RICH)
    assert (ladder.level(member), ladder.of(member)["name"]) == ("green", "Green")
    (shown,) = ladder.did(ladder.api.get("levels/"))
    assert [one["name_vi"] for one in shown["levels"]] == [GREEN["name_vi"], "Vàng"]
