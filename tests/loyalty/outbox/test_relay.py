"""What a command published is handed on after commit: to everyone, again after a failure, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from loyalty.common.clock import now
from loyalty.outbox import subscriptions
from loyalty.outbox.models import Event
from loyalty.outbox.relay import lag, relay_due
from loyalty.outbox.subscriptions import Happened, matches, subscriber
from loyalty.sales.models import Purchase
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import current_programme, in_programme
from tests.world import Shop


@pytest.fixture(autouse=True)
def _own_reactions() -> Iterator[None]:
    kept = list(subscriptions._REACTIONS)
    yield
    subscriptions._REACTIONS[:] = kept


def _sale(shop: Shop, receipt: str = "") -> str:
    sale = SaleInput(total_minor=50_000, receipt=receipt)
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale).purchase


def _open(shop: Shop) -> list[Event]:
    with in_programme(shop.programme):
        return list(Event.objects.filter(due_at__isnull=False))


def test_patterns_name_types_and_families() -> None:
    assert matches("points.accrued", ["points.*"])
    assert matches("points.accrued", ["points.accrued"])
    assert matches("points.accrued", [])
    assert not matches("points.accrued", ["purchase.*"])


def test_reactions_run_in_the_events_programme(shop: Shop, other_shop: Shop) -> None:
    heard: list[tuple[str, str]] = []

    @subscriber("purchase.recorded")
    def listen(event: Happened) -> None:
        assert current_programme() == event.programme
        heard.append((event.programme.slug, str(event.data["purchase"])))

    mine, theirs = _sale(shop), _sale(other_shop)
    assert heard == []
    while relay_due():
        pass
    assert sorted(heard) == sorted([("cafe", mine), ("other", theirs)])
    assert _open(shop) == []


def test_a_failing_reaction_is_tried_again_and_stands_in_nobodys_way(shop: Shop) -> None:
    broken, heard = True, []

    @subscriber("purchase.recorded")
    def fragile(event: Happened) -> None:
        if broken and event.data["purchase"] == first:
            raise RuntimeError("the printer is on fire")

    @subscriber("purchase.*")
    def sound(event: Happened) -> None:
        heard.append(event.data["purchase"])

    first, second = _sale(shop), _sale(shop)
    while relay_due():
        pass
    waiting = [one for one in _open(shop) if one.type == "purchase.recorded"]
    assert [one.data["purchase"] for one in waiting] == [first]
    assert "the printer is on fire" in waiting[0].error
    assert waiting[0].due_at > now()
    assert second in heard
    broken = False
    with time_machine.travel(now() + timedelta(minutes=1)):
        while relay_due():
            pass
    assert _open(shop) == []


def test_a_reaction_that_ran_before_the_crash_changes_nothing_the_second_time(shop: Shop) -> None:
    crashes = [True, False]

    @subscriber("purchase.refunded", "purchase.recorded")
    def follow_up(event: Happened) -> None:
        if event.type == "purchase.recorded" and event.data["purchase"] == first:
            call = event.call("thank-you", merchant_id=shop.merchant.pk)
            record_purchase(
                call,
                member=shop.member.public_id,
                sale=SaleInput(total_minor=1_000),
            )
            if crashes.pop(0):
                raise SystemExit  # the process is killed: nothing below runs

    first = _sale(shop)
    with pytest.raises(SystemExit):
        relay_due()
    assert _open(shop), "the lease keeps the event"
    with time_machine.travel(now() + timedelta(minutes=6)):
        while relay_due():
            pass
    with in_programme(shop.programme):
        assert Purchase.objects.count() == 2
    assert _open(shop) == []


def test_lag_is_the_age_of_the_oldest_untouched_event(shop: Shop) -> None:
    _sale(shop)
    at = now() + timedelta(minutes=10)
    assert lag(at=at) >= timedelta(minutes=10)
    while relay_due():
        pass
    assert lag(at=at) == timedelta()
