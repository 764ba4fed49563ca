"""Whatever people do in whatever order: nothing is billed twice, nothing is lost, the sums agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from loyalty.common.clock import local_day, played_at
from loyalty.common.errors import DomainError
from loyalty.ledger.verification import verify
from loyalty.payments.models import Charge
from loyalty.payments.services import refund_charge, take_cash
from loyalty.sales.models import Purchase
from loyalty.tenancy.scope import in_programme
from tests.tiers.subscriptions.subs_of import ZONE, begin, night, offer, on, settle
from tests.world import Shop
from tiers.subscriptions import services
from tiers.subscriptions.models import Order, OrderLine, Subscription

STEPS = 90
SEEDS = 3
ENDED = ("delivered", "skipped", "failed", "cancelled")


class History:
    """One member's year, by dice."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.dice = shop, random.Random(seed)
        self.now = datetime(2026, 1, 31, 9, tzinfo=ZONE)
        self.refused: list[str] = []

    def play(self) -> None:
        with on(2025, 12, 1):
            self.rule = offer(
                self.shop,
                pays_ahead=True,
                pays_on_delivery=True,
                shipping_minor=70,
                discount_bp=300,
                by_products=[{"products": 3, "discount_bp": 1_111}],
                leaving=self.dice.choice(["free", "difference", "stay"]),
                renews=self.dice.random() < 0.7,
                holds_price=self.dice.random() < 0.5,
                longest_pause_days=40,
            )
        with played_at(self.now):
            begin(self.shop, (("BEANS", 1), ("MILK", 1)), unit="week", pays="on_delivery")
            begin(self.shop, (("BEANS", 2),), unit="week", commit_months=6)
        for _step in range(STEPS):
            self.now += timedelta(hours=self.dice.choice([1, 9, 24, 24 * 3, 24 * 6]))
            with played_at(self.now):
                if self.dice.random() < 0.6:
                    night()
                self.attempt(self.dice.choice(self.deeds()))
                if self.dice.random() < 0.8:
                    settle()
                self.holds()
        for _step in range(12):
            self.now += timedelta(days=45)
            with played_at(self.now):
                night()
                settle()
                self.holds()

    def attempt(self, deed: Callable[[], Any]) -> None:
        try:
            deed()
        except DomainError as error:
            self.refused.append(error.code)

    def rows(self) -> list[Subscription]:
        with in_programme(self.shop.programme):
            return list(Subscription.objects.order_by("id"))

    def any_order(self) -> str:
        with in_programme(self.shop.programme):
            rows = list(Order.objects.values_list("public_id", flat=True))
        return str(self.dice.choice(rows)) if rows else "ord_none"

    def any_sub(self) -> str:
        rows = self.rows()
        return str(self.dice.choice(rows).public_id) if rows else "sub_none"

    def day(self) -> Any:
        return local_day(self.now, str(ZONE)) + timedelta(days=self.dice.randint(-2, 50))

    def deeds(self) -> list[Callable[[], Any]]:
        call, dice = self.shop.call, self.dice

        def sku() -> str:
            return dice.choice(["BEANS", "FILTER", "MILK"])

        sub, order = self.any_sub(), self.any_order()
        return [
            self.subscribe,
            self.subscribe,
            self.pay,
            self.pay,
            self.pay,
            lambda: services.put_item(
                call(), subscription=sub, sku=sku(), quantity=dice.randint(0, 4)
            ),
            lambda: services.swap_item(call(), subscription=sub, sku=sku(), to=sku()),
            lambda: services.remove_item(call(), subscription=sub, sku=sku()),
            lambda: services.skip_order(call(), order=order),
            lambda: services.unskip_order(call(), order=order),
            lambda: services.reschedule_order(
                call(), order=order, to=self.day(), and_later=dice.random() < 0.4
            ),
            lambda: services.change_subscription(
                call(), subscription=sub, every=dice.randint(1, 3), unit="week"
            ),
            lambda: services.pause_subscription(call(), subscription=sub, until=self.day()),
            lambda: services.resume_subscription(call(), subscription=sub),
            lambda: services.cancel_subscription(
                call(), subscription=sub, at_end=dice.random() < 0.7
            ),
            lambda: services.pack_order(call(), order=order),
            lambda: services.deliver_order(call(), order=order, cash=dice.random() < 0.5),
            lambda: services.cancel_order(call(), order=order),
            lambda: services.offer_product(
                call(), offer=self.rule.rule, sku=sku(), state=dice.choice(["offered", "out"])
            ),
            self.give_back,
        ]

    def subscribe(self) -> None:
        self.dice.shuffle(items := [("BEANS", 1), ("MILK", 2), ("FILTER", 1)])
        pays = self.dice.choice(["before", "on_delivery", "ahead"])
        months = self.dice.choice([0, 2, 6])
        given = {"pays": pays, "commit_months": months, "unit": self.dice.choice(["week", "month"])}
        begin(self.shop, tuple(items[: self.dice.randint(1, 3)]), **given)

    def pay(self) -> None:
        with in_programme(self.shop.programme):
            rows = list(Charge.objects.filter(state="open").values_list("public_id", flat=True))
        if rows:
            take_cash(self.shop.call(), charge=self.dice.choice(rows))

    def give_back(self) -> None:
        with in_programme(self.shop.programme):
            rows = list(Charge.objects.values_list("public_id", flat=True))
        if rows and self.dice.random() < 0.3:
            refund_charge(self.shop.call(), charge=self.dice.choice(rows))

    def holds(self) -> None:
        """What must be true at any moment."""
        with in_programme(self.shop.programme):
            for order in Order.objects.select_related("subscription"):
                self._order_holds(order)
            for row in Subscription.objects.all():
                assert (row.state == "ended") == (row.ended_at is not None)
                is_open = Order.objects.filter(subscription=row, state="upcoming").exists()
                assert is_open == (row.state == "active"), row.state
                assert (row.paused_until is not None) == (row.state == "paused")
                assert row.state != "ended" or row.ahead_left == 0
                if row.state != "ended":
                    assert row.due_at is not None

    def _order_holds(self, order: Order) -> None:
        lines = list(OrderLine.objects.filter(order=order, missing=""))
        assert sum(line.net_minor for line in lines) == order.goods_minor - order.discount_minor
        assert bool(order.locked_at) == (order.state not in ("upcoming", "skipped")) or (
            order.because in ("nothing", "ended", "asked")
        )
        bills = Charge.objects.filter(kind="subscriptions.order", subject=order.public_id)
        assert bills.count() <= 1
        if bills:
            assert bills[0].amount_minor == order.total_minor
        if order.state in ("paid", "delivered"):
            assert order.paid_at is not None


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_history_adds_up(shop: Shop, seed: int) -> None:
    history = History(shop, seed)
    history.play()
    with in_programme(shop.programme):
        sold = {one.receipt: one for one in Purchase.objects.all()}
        paid = Order.objects.filter(paid_at__isnull=False)
        assert {order.public_id for order in paid} == {
            receipt for receipt in sold if receipt.startswith("ord_")
        }
        for order in paid:
            sale = sold[order.public_id]
            assert sale.total_minor == order.total_minor
            if order.state == "cancelled":
                assert sale.refunded_minor == sale.total_minor
        for bill in Charge.objects.filter(kind="subscriptions.ahead"):
            used = sum(one.total_minor for one in Order.objects.filter(charge=bill.public_id))
            assert 0 <= bill.refunded_minor <= bill.paid_minor
            assert not bill.paid_minor or used <= bill.amount_minor
        assert verify().findings == []
        assert Order.objects.count() > 5
        assert len(set(history.refused)) > 3
