"""Shapes of the subscriptions API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loyalty.web.api import (
    Body,
    Choice,
    Day,
    Flag,
    ItemList,
    PublicId,
    Query,
    Text,
    Whole,
)
from tiers.subscriptions.models import Offer, OfferedProduct, Order, Subscription
from tiers.subscriptions.results import OfferedView
from tiers.subscriptions.rules.terms import MOST_MONTHS
from tiers.subscriptions.services.baskets import MOST_PRODUCTS

_SKU = 60


class BasketItemBody(Body):
    """So many of a product."""

    sku = Text(maximum=_SKU)
    quantity = Whole(minimum=1, maximum=1_000)


class BasketBody(Body):
    """A basket and how it shall come."""

    offer = Text(maximum=40, help_text="Public id of an offer, or its code.")
    items = ItemList(child=BasketItemBody(), minimum=1, maximum=MOST_PRODUCTS)
    every = Whole(minimum=1, maximum=100)
    unit = Choice(choices=Subscription.Unit.values)
    commit_months = Whole(
        minimum=0, maximum=MOST_MONTHS, required=False, help_text="0: committed to nothing."
    )
    first_on = Day(required=False, help_text="Missing: the first day it can come.")
    pays = Choice(choices=Subscription.Pays.values, required=False)
    way = Choice(choices=Subscription.Way.values, required=False)


class SubscribeBody(BasketBody):
    """A member subscribes."""

    member = PublicId(prefix="mem")
    location = PublicId(prefix="loc", required=False, help_text="Where it is collected.")
    address = Text(maximum=300, required=False, help_text="Where it is brought.")
    note = Text(maximum=300, required=False)


class ChangeSubscriptionBody(Body):
    """What changes; missing stays. It counts from the first delivery that is still open."""

    every = Whole(minimum=1, maximum=100, required=False)
    unit = Choice(choices=Subscription.Unit.values, required=False)
    pays = Choice(choices=Subscription.Pays.values, required=False)
    way = Choice(choices=Subscription.Way.values, required=False)
    location = PublicId(prefix="loc", required=False)
    address = Text(maximum=300, required=False)
    note = Text(maximum=300, required=False)


class QuantityBody(Body):
    """How many of a product from now on."""

    quantity = Whole(minimum=1, maximum=1_000)


class SwapBody(Body):
    """A product in the place of another."""

    sku = Text(maximum=_SKU)
    to = Text(maximum=_SKU)


class PauseBody(Body):
    """Until when nothing comes. A pause always has an end."""

    until = Day(help_text="The day it goes on by itself.")


class EndSubscriptionBody(Body):
    """How a subscription ends."""

    at_end = Flag(required=False, help_text="When the committed time is over; missing: now.")


class RescheduleBody(Body):
    """Another day for a delivery."""

    to = Day()
    and_later = Flag(required=False, help_text="All that follow are counted from that day.")


class HandOverBody(Body):
    """A delivery is handed over."""

    cash = Flag(required=False, help_text="What was missing on its bill was taken in cash.")


class CancelOrderBody(Body):
    """Why the shop cannot send it."""

    reason = Text(maximum=200, required=False)


class OfferProductBody(Body):
    """A product people can subscribe to."""

    sku = Text(maximum=_SKU)
    most = Whole(minimum=1, maximum=1_000, required=False, help_text="At most on a delivery.")
    state = Choice(choices=OfferedProduct.State.values, required=False)


class SubscriptionQuery(Query):
    """Which subscriptions."""

    member = PublicId(prefix="mem", required=False)
    state = Choice(choices=Subscription.State.values, required=False)


class SubscriptionOrderQuery(Query):
    """Which deliveries."""

    member = PublicId(prefix="mem", required=False)
    subscription = PublicId(prefix="sub", required=False)
    state = Choice(choices=Order.State.values, required=False)
    first_on = Day(required=False)
    last_on = Day(required=False)


class PickListQuery(Query):
    """Which day."""

    on = Day()


@dataclass(frozen=True)
class SubscriptionOfferView:
    """An offer people can subscribe to. Shares in basis points, amounts in minor units."""

    id: str
    family: str
    code: str
    name: str
    weeks_from: int
    weeks_to: int
    months_from: int
    months_to: int
    discount_bp: int
    commitments: list[dict[str, int]]
    by_products: list[dict[str, int]]
    leaving: str
    renews: bool
    holds_price: bool
    ways_to_pay: list[str]
    ways_to_get: list[str]
    shipping_minor: int
    weekdays: list[int]
    cutoff_days: int
    cutoff_hour: int
    grace_days: int
    longest_pause_days: int
    most_units: int
    products: list[OfferedView]


def present_offer(row: Offer, products: list[OfferedView]) -> SubscriptionOfferView:
    """An offer for the API."""
    terms = row.terms()
    same = (
        "code name weeks_from weeks_to months_from months_to discount_bp leaving renews "
        "holds_price shipping_minor cutoff_days cutoff_hour grace_days longest_pause_days most_units"
    ).split()
    values: dict[str, Any] = {name: getattr(terms, name) for name in same}
    return SubscriptionOfferView(
        id=row.public_id,
        family=terms.family,
        commitments=row.commitments,
        by_products=row.by_products,
        ways_to_pay=list(terms.ways_to_pay),
        ways_to_get=list(terms.ways_to_get),
        weekdays=list(terms.weekdays),
        products=products,
        **values,
    )
