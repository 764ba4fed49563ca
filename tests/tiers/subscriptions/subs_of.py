"""Offers, baskets and their days for the stories: written, paid and looked after through the doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.common.clock import played_at
from loyalty.engine.publishing import RuleView, create_rule, publish_rule
from loyalty.ledger.models import Account
from loyalty.outbox.relay import relay_due
from loyalty.payments.services import take_cash
from loyalty.sales.models import Product
from loyalty.tenancy.scope import in_programme
from tests.world import Shop
from tiers.subscriptions.models import Order, Subscription
from tiers.subscriptions.results import SubscriptionView
from tiers.subscriptions.services import Chosen, offer_product, subscribe
from tiers.subscriptions.tasks import look_after_subscriptions

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEANS = (("BEANS", "Beans", 2_000), ("FILTER", "Filters", 500), ("MILK", "Milk", 1_000))


def product(shop: Shop, sku: str, name: str, price_minor: int) -> Product:
    """A product on sale."""
    with in_programme(shop.programme):
        made: Product = Product.objects.create(sku=sku, name=name, price_minor=price_minor)
        return made


def offer(shop: Shop, *, products: Any = BEANS, **values: Any) -> RuleView:
    """A live offer of coffee by the week or month: 20% off from six months unless told otherwise."""
    given = {
        "name": "Beans",
        "code": "beans",
        "weeks_from": 1,
        "weeks_to": 4,
        "months_from": 1,
        "months_to": 3,
        "commitments": [{"months": 6, "discount_bp": 2_000}],
        "cutoff_days": 2,
        "cutoff_hour": 18,
        **values,
    }
    draft = create_rule(shop.call(), kind="subscriptions.offer", values=given)
    published = publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    for sku, name, price in products:
        product(shop, sku, name, price)
        offer_product(shop.call(), offer=published.rule, sku=sku)
    return published


def begin(
    shop: Shop, items: tuple[tuple[str, int], ...] = (("BEANS", 1),), **more: Any
) -> SubscriptionView:
    """Ana subscribes and collects: monthly unless told otherwise."""
    given: dict[str, Any] = {"offer": "beans", "every": 1, "unit": "month", **more}
    place = {name: given.pop(name) for name in ("way", "address", "note") if name in given}
    return subscribe(
        shop.call(),
        member=shop.member.public_id,
        chosen=Chosen(items=items, **given),
        **{"way": "collect", **place},
    )


def pay(shop: Shop, charge: str) -> None:
    """Cash at the till, and everybody who listens has heard of it."""
    take_cash(shop.call(), charge=charge)
    settle()


def settle() -> None:
    """The relay hands on what was published."""
    while relay_due():
        pass


def on(year: int, month: int, day: int, hour: int = 9) -> Any:
    """Play at a local instant."""
    return played_at(datetime(year, month, day, hour, tzinfo=ZONE))


def night() -> None:
    """What the worker does."""
    look_after_subscriptions()
    settle()


def run_of(shop: Shop, day: date) -> Order:
    """The delivery of a day."""
    with in_programme(shop.programme):
        found: Order = Order.objects.select_related("subscription").get(deliver_on=day)
        return found


@contextmanager
def first_run(shop: Shop, *, is_paid: bool = True) -> Iterator[Order]:
    """The morning after the cut-off of a first delivery, of 10 May 2026, and its order."""
    offer(shop)
    with on(2026, 5, 1):
        begin(shop, first_on=date(2026, 5, 10))
    with on(2026, 5, 9):
        night()
        order = run_of(shop, date(2026, 5, 10))
        if is_paid:
            pay(shop, order.charge)
        yield order


def states(shop: Shop) -> list[tuple[str, str]]:
    """Every delivery there is: its day and state, by day."""
    with in_programme(shop.programme):
        rows = Order.objects.order_by("deliver_on", "id")
        return [(one.deliver_on.isoformat(), str(one.state)) for one in rows]


def now_of(shop: Shop, one: SubscriptionView) -> Subscription:
    """A subscription's row as it is now."""
    with in_programme(shop.programme):
        found: Subscription = Subscription.objects.select_related("offer").get(public_id=one.id)
        return found


def points(shop: Shop) -> int:
    """What Ana has."""
    with in_programme(shop.programme):
        return sum(row.balance for row in Account.objects.filter(holder=shop.member.holder_id))


def earning(shop: Shop) -> None:
    """A point for each 100."""
    values = {"name": "Points", "points": 1, "per_minor": 100}
    draft = create_rule(shop.call(), kind="points.earning_rule", values=values)
    publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
