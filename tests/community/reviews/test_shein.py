"""Bonus points as at Shein, loaded as a ready-made programme and lived through the REST API alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import make_shop

START = datetime(2026, 1, 5, 5, tzinfo=UTC)


class Shein:
    """The programme as a program from outside sees it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        loaded = self.did(api.post("blueprints/shein-bonus-points/", {"with_settings": True}))
        for rule in loaded["rules"]:
            self.did(api.post(f"rules/{rule}/publish/", {}))
        person = self.did(api.post("members/", {"name": "Ana", "phone": "0912345601"}))
        self.ana = str(person.get("id") or person["member"])

    def did(self, answer: Any) -> Any:
        assert answer.status_code in (200, 201), answer.data
        return answer.data

    def order(
        self, net_minor: int, *, shipping_minor: int = 0, points: int = 0, **line: Any
    ) -> Any:
        lines = [{"sku": "dress", "quantity": 1, "net_minor": net_minor, **line}]
        if shipping_minor:
            lines.append({"kind": "shipping", "quantity": 1, "net_minor": shipping_minor})
        body: dict[str, Any] = {"member": self.ana, "lines": lines}
        if points:
            body["use"] = {"points": points}
        return self.did(self.api.post("purchases/", body))

    def deliver(self, order: Any) -> None:
        body = {"member": self.ana, "cause": order["purchase"], "event": "delivered"}
        self.did(self.api.post("points/confirm/", body))

    def delivered(self, net_minor: int, **line: Any) -> Any:
        order = self.order(net_minor, **line)
        self.deliver(order)
        return order

    @property
    def points(self) -> int:
        found = self.did(self.api.get(f"members/{self.ana}/balances/"))
        return next((one["available"] for one in found if one["asset"] == "points"), 0)

    def review(self, sku: str) -> str:
        body = {"member": self.ana, "sku": sku, "stars": 5, "text": "It fits."}
        return str(self.did(self.api.post("reviews/", body))["review"])


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def shein(db: None, clock: Any) -> Iterator[Shein]:
    shop = make_shop("scheme", owner="ngoc@scheme.example", member="Lan", currency="USD")
    yield Shein(Api(make_key(shop)))
    with in_programme(shop.programme):
        assert verify().findings == []


def test_points_come_with_the_parcel(shein: Shein) -> None:
    order = shein.order(50_00)
    assert shein.points == 0
    shein.deliver(order)
    assert shein.points == 50


def test_points_pay_at_most_seventy_percent_of_the_goods(shein: Shein) -> None:
    shein.delivered(5_000_00)
    assert shein.points == 5_000
    paid = shein.order(10_00, shipping_minor=3_00, points=5_000)
    assert paid["to_pay_minor"] == 6_00
    assert shein.points == 5_000 - 700, "7.00 off"


def test_a_check_in_counts_once_a_day_and_a_week_of_them_more(shein: Shein, clock: Any) -> None:
    def check_in() -> int:
        return int(shein.did(shein.api.post("check-ins/", {"member": shein.ana}))["points"])

    assert [check_in(), check_in()] == [1, 0]
    for _day in range(5):
        clock.shift(timedelta(days=1))
        assert check_in() == 1
    clock.shift(timedelta(days=1))
    assert check_in() == 6, "the seventh in a row"


def test_ten_reviews_of_one_day_are_two_thousand(shein: Shein, clock: Any) -> None:
    looked_at = {"looked_at": "before"}
    answer = shein.api.patch("reviews/settings/", looked_at, match="*")
    assert answer.status_code == 200
    for number in range(11):
        sku = f"dress-{number}"
        shein.did(shein.api.post("products/", {"sku": sku, "name": f"Dress {number}"}))
        shein.delivered(1_00, sku=sku)
    before = shein.points
    for number in range(10):
        review = shein.review(f"dress-{number}")
        for _twice in range(2):
            shein.did(shein.api.post(f"reviews/{review}/decision/", {"verdict": "keep"}))
    assert shein.points - before == 2_000
    clock.shift(timedelta(days=1))
    review = shein.review("dress-10")
    shein.did(shein.api.post(f"reviews/{review}/decision/", {"verdict": "keep"}))
    assert shein.points - before == 2_250


def test_what_expires_first_is_used_first(shein: Shein, clock: Any) -> None:
    shein.delivered(100_00)  # lives until 5 April
    clock.move_to(datetime(2026, 2, 10, 5, tzinfo=UTC))
    shein.delivered(300_00)  # lives until 10 May
    clock.move_to(datetime(2026, 3, 31, 5, tzinfo=UTC))
    assert shein.points == 400
    shein.order(10_00, points=150)
    assert shein.points == 250
    clock.move_to(datetime(2026, 5, 9, 5, tzinfo=UTC))
    assert shein.points == 250, "all that is left is of the second lot"
    clock.move_to(datetime(2026, 5, 11, 5, tzinfo=UTC))
    assert shein.points == 0
