"""What levels may cost the database: a look at the status on a sale, a few reads on a refund."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from tests.tiers.levels.ladder_of import Ladder, gold
from tiers.levels.selectors import outlook_of

WAYS = [{"spend_minor": 1_000_000, "visits": 3}, {"points": 500}]


def _counted(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as capture:
        work()
    return len(capture)


def _sell(ladder: Ladder, total: int = 50_000) -> str:
    shop = ladder.shop
    sale = SaleInput(total_minor=total)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale).purchase


def test_a_sale_costs_two_reads_more(ladder: Ladder) -> None:
    ladder.points(points=1, per_minor=1_000)
    _sell(ladder)
    alone = _counted(lambda: _sell(ladder))
    ladder.levels(gold(WAYS))
    _sell(ladder)
    # The status of the member, and how many visits counted today.
    assert _counted(lambda: _sell(ladder)) - alone <= 2


def test_a_sale_that_reaches_the_level(ladder: Ladder) -> None:
    ladder.points(points=1, per_minor=1_000)
    ladder.levels(gold(WAYS))
    _sell(ladder)
    assert _counted(lambda: _sell(ladder, 600_000)) <= 24
    assert ladder.level(ladder.shop.member.public_id) == "gold"


@pytest.mark.parametrize("window", ["calendar", "rolling"])
def test_a_refund_that_takes_the_level(ladder: Ladder, window: str) -> None:
    ladder.levels(gold([{"spend_minor": 1_000_000}]), window_kind=window)
    sale = _sell(ladder, 1_000_000)
    assert _counted(lambda: refund_purchase(ladder.shop.call(), purchase=sale)) <= 45
    assert ladder.level(ladder.shop.member.public_id) == "green"


@pytest.mark.parametrize("window", ["calendar", "rolling"])
def test_where_a_member_stands_is_a_few_reads(ladder: Ladder, window: str) -> None:
    ladder.levels(gold(WAYS), window_kind=window)
    for _time in range(5):
        _sell(ladder)
    with in_programme(ladder.shop.programme):
        outlook_of(ladder.shop.member)
        assert _counted(lambda: outlook_of(ladder.shop.member)) <= (
            2 if window == "calendar" else 5
        )
