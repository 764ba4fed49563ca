"""A shop that had no levels begins with them: what was bought before counts as of its day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tiers.levels.ladder_of import Ladder, gold, night, on

RICH = gold([{"spend_minor": 1_000_000}])


def _walk(ladder: Ladder) -> Any:
    walks = ladder.did(ladder.api.get("levels/reviews/"))["data"]
    return next(one for one in walks if one["kind"] == "past")


def test_what_was_bought_before_counts(ladder: Ladder) -> None:
    ladder.points(points=1, per_minor=10_000)
    with on(2024, 12, 30):
        member, other = ladder.join(), ladder.join()
        ladder.buy(member, 900_000)
    with on(2025, 2, 1):
        first = ladder.buy(member, 700_000)
        second = ladder.buy(member, 600_000)
        ladder.refund(second, amount_minor=200_000)
    with on(2025, 3, 1):
        ladder.levels(gold([{"spend_minor": 1_000_000, "points": 100, "visits": 1}]))
        assert ladder.level(member) == "green"
        night()
        night()
        seen = ladder.of(member)
        assert (seen["level"], seen["review_at"]) == ("gold", "2025-12-31T17:00:00Z")
        assert (seen["counted"]["spend_minor"], seen["counted"]["visits"]) == (1_100_000, 1)
        assert seen["counted"]["points"] == ladder.has(member) - 90, "less what last year earned"
        assert ladder.level(other) == "green"
        walk = _walk(ladder)
        assert (walk["done"], walk["rose"], walk["failed"]) == (walk["total"], 1, 0)
        night()
        assert ladder.of(member)["counted"]["spend_minor"] == 1_100_000, "nothing twice"
        ladder.refund(second)
        assert ladder.of(member)["counted"]["spend_minor"] == 700_000
        assert ladder.level(member) == "green"
        ladder.refund(first)
        assert ladder.of(member)["counted"].get("spend_minor", 0) == 0


def test_a_sale_between_publishing_and_the_walk_counts_once(ladder: Ladder) -> None:
    member = ladder.join()
    ladder.buy(member, 400_000)
    ladder.levels(RICH)
    ladder.buy(member, 500_000)
    night()
    ladder.buy(member, 50_000)
    night()
    assert ladder.of(member)["counted"]["spend_minor"] == 950_000


@pytest.mark.parametrize(
    ("window", "counted"),
    [
        ({"window_kind": "lifetime"}, 900_000),
        ({"window_kind": "rolling", "window_months": 6}, 300_000),
        ({"window_kind": "dates", "window_dates": ["05-01"]}, 300_000),
        ({"window_kind": "anniversary"}, 700_000),
    ],
)
def test_each_window_takes_what_is_its_own(
    ladder: Ladder, window: dict[str, Any], counted: int
) -> None:
    with on(2024, 1, 10):
        member = ladder.join()
        ladder.buy(member, 200_000)
    with on(2025, 2, 1):
        ladder.buy(member, 400_000)
    with on(2025, 6, 1):
        ladder.buy(member, 300_000)
    with on(2025, 9, 1):
        ladder.levels(RICH, **window)
        night()
        night()
        assert ladder.of(member)["counted"]["spend_minor"] == counted


def test_not_where_the_shop_begins_at_nothing(ladder: Ladder) -> None:
    member = ladder.join()
    ladder.buy(member, 2_000_000)
    ladder.levels(RICH, counts_past=False)
    night()
    night()
    assert (ladder.level(member), ladder.of(member)["counted"].get("spend_minor", 0)) == (
        "green",
        0,
    )
