"""A level owed to a sale that came back falls; one that others carry stays."""

from __future__ import annotations

import pytest

from tests.tiers.levels.ladder_of import Ladder, gold, night, on

RICH = gold([{"spend_minor": 1_000_000}])


def test_the_sale_that_reached_it_comes_back(ladder: Ladder) -> None:
    ladder.levels(RICH)
    member = ladder.join()
    ladder.buy(member, 600_000)
    last = ladder.buy(member, 400_000)
    assert ladder.level(member) == "gold"
    ladder.refund(last, amount_minor=1)
    assert ladder.level(member) == "green"
    moves = ladder.did(ladder.api.get(f"members/{member}/level/history/"))["data"]
    assert [(one["level"], one["undone"]) for one in moves] == [("gold", True)]
    ladder.buy(member, 1)
    assert ladder.level(member) == "gold"


def test_an_earlier_sale_comes_back(ladder: Ladder) -> None:
    ladder.levels(RICH)
    member = ladder.join()
    first = ladder.buy(member, 600_000)
    ladder.buy(member, 400_000)
    ladder.refund(first)
    seen = ladder.of(member)
    assert (seen["level"], seen["counted"]["spend_minor"]) == ("green", 400_000)
    assert seen["review_at"] is None


def test_a_sale_others_carry_the_level_without(ladder: Ladder) -> None:
    ladder.levels(RICH)
    member = ladder.join()
    ladder.buy(member, 600_000)
    second = ladder.buy(member, 400_000)
    ladder.buy(member, 400_000)
    ladder.refund(second)
    assert ladder.level(member) == "gold"


def test_at_the_review_where_the_shop_says_so(ladder: Ladder) -> None:
    ladder.levels(RICH, after_refund="at_review")
    with on(2025, 11, 1):
        member = ladder.join()
        sale = ladder.buy(member, 1_000_000)
        ladder.refund(sale)
        assert ladder.level(member) == "gold"
    with on(2026, 1, 1, hour=2):
        night()
        assert ladder.level(member) == "green"


def test_bought_for_the_review_and_returned_after_it(ladder: Ladder) -> None:
    ladder.levels(RICH)
    with on(2025, 12, 30):
        member = ladder.join()
        sale = ladder.buy(member, 1_000_000)
    with on(2026, 1, 2):
        night()
        assert ladder.level(member) == "gold"
    with on(2026, 1, 5):
        ladder.refund(sale)
        assert ladder.level(member) == "green"


def test_a_level_kept_from_last_year_survives_a_refund_of_this_year(ladder: Ladder) -> None:
    ladder.levels(RICH)
    with on(2025, 12, 30):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2026, 2, 1):
        night()
        sale = ladder.buy(member, 50_000)
        ladder.refund(sale)
        assert ladder.level(member) == "gold"


def test_a_rolling_level_keeps_what_was_reached_before_old_credits_died(ladder: Ladder) -> None:
    ladder.levels(RICH, window_kind="rolling", window_months=6)
    with on(2025, 1, 10):
        member = ladder.join()
        ladder.buy(member, 500_000)
    with on(2025, 5, 10):
        ladder.buy(member, 500_000)
        small = ladder.buy(member, 10_000)
        assert ladder.level(member) == "gold"
    with on(2025, 8, 1):
        assert ladder.of(member)["counted"]["spend_minor"] == 510_000
        ladder.refund(small)
        assert ladder.level(member) == "gold"


@pytest.mark.parametrize("receipt_on", [(2025, 6, 1), (2025, 12, 31)])
def test_a_receipt_of_last_year_counts_for_last_year(
    ladder: Ladder, receipt_on: tuple[int, int, int]
) -> None:
    ladder.levels(gold([{"spend_minor": 1_000_000}], keep=[{"spend_minor": 500_000}]))
    with on(2024, 5, 1):
        member = ladder.join()
        ladder.buy(member, 1_000_000)
    with on(2025, 3, 1):
        night()
        ladder.buy(member, 300_000)
    with on(2026, 1, 2):
        night()
        assert ladder.level(member) == "green"
        year, month, day = receipt_on
        ladder.buy(member, 200_000, happened_at=f"{year}-{month:02}-{day:02}T09:00:00+07:00")
        seen = ladder.of(member)
        assert (seen["level"], seen["counted"].get("spend_minor", 0)) == ("gold", 0)


def test_a_visit_stays_until_all_of_it_came_back(ladder: Ladder) -> None:
    ladder.levels(gold([{"visits": 2}]), visits_a_day=5)
    member = ladder.join()
    ladder.buy(member, 50_000)
    sale = ladder.buy(member, 50_000)
    ladder.refund(sale, amount_minor=49_999)
    assert ladder.level(member) == "gold"
    ladder.refund(sale)
    assert ladder.level(member) == "green"
