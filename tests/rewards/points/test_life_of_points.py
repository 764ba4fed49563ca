"""Points wait, live and die: pending, expiry, warnings, sliding, expiry switched on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from loyalty.common.clock import now
from loyalty.common.errors import NotFound
from loyalty.engine.tasks import settle_due
from loyalty.ledger.models import Lot
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.outbox.models import Event
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from rewards.points.services import cancel_waiting, change_settings, confirm_waiting
from rewards.points.tasks import date_lots, warn_of_expiry
from tests.rewards.points.rules_of import buy, earning, points
from tests.world import Shop

START = datetime(2026, 1, 31, 3, tzinfo=UTC)  # ten in the morning in Saigon


def _balance(shop: Shop) -> Any:
    with in_programme(shop.programme):
        found = balances(holder_id=shop.member.holder_id)
        return next((one for one in found if one.asset == "points"), None)


def _events(shop: Shop, type: str) -> list[dict[str, Any]]:
    with in_programme(shop.programme):
        return [row.data for row in Event.objects.filter(type=type).order_by("id")]


def _expiry(shop: Shop) -> datetime | None:
    with in_programme(shop.programme):
        return Lot.objects.latest("id").expires_at


def test_points_wait_and_then_can_be_spent(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, wait_kind="days", wait_days=14)
        buy(shop, 100_000)
        assert (_balance(shop).available, _balance(shop).pending) == (0, 10)
        clock.shift(timedelta(days=14, seconds=1))
        assert (_balance(shop).available, _balance(shop).pending) == (10, 0)
        assert settle_due() == 1
        assert settle_due() == 0
    assert [one["lots"][0]["amount"] for one in _events(shop, "balance.available")] == [10]


def test_points_wait_for_delivery_and_age_from_then(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(
            shop,
            wait_kind="event",
            wait_event="delivered",
            wait_cancel_days=30,
            expiry_kind="rolling",
            expiry_count=3,
        )
        bought = buy(shop, 500_000).purchase
        assert _balance(shop).pending == 50
        clock.shift(timedelta(days=10))
        who = {"member": shop.member.public_id, "cause": bought}
        with pytest.raises(NotFound, match="nothing_waits"):
            confirm_waiting(shop.call(), **who, event="painted")
        done = confirm_waiting(shop.call(), **who, event="delivered")
        assert done.amount == 50 and done.balances[0].available == 50
        with pytest.raises(NotFound, match="nothing_waits"):
            cancel_waiting(shop.call(), **who, event="delivered")
    # Delivered on 10 February: dead at the end of 10 May in Saigon.
    assert _expiry(shop) == datetime(2026, 5, 10, 17, tzinfo=UTC)


def test_points_lapse_when_the_event_never_comes(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, wait_kind="event", wait_event="delivered", wait_cancel_days=30)
        bought = buy(shop, 500_000).purchase
        second = buy(shop, 100_000).purchase
        cancel_waiting(shop.call(), member=shop.member.public_id, cause=second, event="delivered")
        assert _balance(shop).balance == 50
        clock.shift(timedelta(days=31))
        assert _balance(shop).balance == 0
        # The goods come back later: nothing is charged a second time.
        refund_purchase(shop.call(), purchase=bought)
        assert (_balance(shop).balance, _balance(shop).debt) == (0, 0)
    with in_programme(shop.programme):
        assert not verify().findings


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({"expiry_count": 1, "expiry_unit": "month"}, datetime(2026, 2, 28, 17, tzinfo=UTC)),
        (
            {"expiry_count": 6, "expiry_unit": "month", "expiry_round_up": "month"},
            datetime(2026, 7, 31, 17, tzinfo=UTC),
        ),
        ({"expiry_count": 90, "expiry_unit": "day"}, datetime(2026, 5, 1, 17, tzinfo=UTC)),
        (
            {"expiry_count": 1, "expiry_unit": "year", "expiry_round_up": "quarter"},
            datetime(2027, 3, 31, 17, tzinfo=UTC),
        ),
        (
            {"expiry_kind": "dates", "expiry_count": 1, "expiry_dates": ["06-30", "12-31"]},
            datetime(2026, 6, 30, 17, tzinfo=UTC),
        ),
        (
            {"expiry_kind": "dates", "expiry_dates": ["12-31"]},
            datetime(2026, 12, 31, 17, tzinfo=UTC),
        ),
        (
            {"expiry_kind": "dates", "expiry_count": 2, "expiry_dates": ["12-31"]},
            datetime(2027, 12, 31, 17, tzinfo=UTC),
        ),
    ],
)
def test_a_lot_dies_at_the_end_of_its_local_day(
    shop: Shop, values: dict[str, Any], end: datetime
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, **{"expiry_kind": "rolling", **values})
        buy(shop, 100_000)
        assert _expiry(shop) == end
        clock.move_to(end - timedelta(seconds=1))
        assert _balance(shop).available == 10
        clock.move_to(end)
        assert _balance(shop).available == 0
        assert settle_due() == 1
    with in_programme(shop.programme):
        assert not verify().findings


def test_warnings_come_once_at_each_distance(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, expiry_kind="rolling", expiry_count=60, expiry_unit="day")
        buy(shop, 100_000)
        for _ in range(61):
            warn_of_expiry()
            warn_of_expiry()
            clock.shift(timedelta(days=1))
    assert [one["days"] for one in _events(shop, "points.expiring")] == [30, 7, 1]


def test_activity_moves_the_end_of_all_sliding_points(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        change_settings(
            shop.call(),
            values={"expiry_kind": "sliding", "expiry_count": 12, "expiry_unit": "month"},
        )
        earning(shop)
        buy(shop, 100_000)
        clock.shift(timedelta(days=300))
        buy(shop, 5_000)
        clock.shift(timedelta(days=100))
        assert _balance(shop).available == 10
        # A receipt that turns up late never shortens a life.
        buy(shop, 5_000, happened_at=START)
        clock.shift(timedelta(days=250))
        assert _balance(shop).available == 10
        clock.shift(timedelta(days=30))
        assert _balance(shop).available == 0


def test_switching_expiry_on_gives_old_points_a_full_period(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        earning(shop)
        buy(shop, 100_000)
        clock.shift(timedelta(days=700))
        switched = now()
        change_settings(
            shop.call(),
            values={"expiry_kind": "rolling", "expiry_count": 12, "expiry_unit": "month"},
        )
        assert date_lots() == 1
        assert date_lots() == 0
        assert points(buy(shop, 1_000)) == 10
        clock.shift(timedelta(days=365))
        assert _balance(shop).available == 10
        clock.shift(timedelta(days=2))
        assert _balance(shop).available == 0
        assert switched + timedelta(days=365) < now()


def test_old_receipts_age_from_their_own_day(shop: Shop) -> None:
    with time_machine.travel(START, tick=False):
        earning(shop, expiry_kind="rolling", expiry_count=12)
        result = buy(shop, 100_000, happened_at=START - timedelta(days=500))
        assert points(result) == 0
        assert points(buy(shop, 100_000, happened_at=START - timedelta(days=100))) == 10
