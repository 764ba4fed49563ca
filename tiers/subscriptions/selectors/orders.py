"""Reads about deliveries: one, a member's, a day's. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from members.profiles.models import Member
from tiers.subscriptions.models import Order, OrderLine, Subscription
from tiers.subscriptions.results import (
    DayList,
    PickedProduct,
    SubscriptionOrderView,
    line_view,
    order_view,
)
from tiers.subscriptions.selectors.pricing import forecast
from tiers.subscriptions.selectors.subscriptions import ON_THE_WAY, TermsBook, with_baskets

OPEN_STATES = (
    Order.State.UPCOMING,
    Order.State.LOCKED,
    Order.State.PAID,
    Order.State.PACKED,
)


def orders(*, merchant_id: int | None = None) -> QuerySet[Order]:
    """Orders with what is shown of them, unordered."""
    rows: QuerySet[Order] = Order.objects.select_related(
        "subscription__offer", "subscription__location", "member", "merchant", "location"
    )
    return rows.filter(merchant=merchant_id) if merchant_id is not None else rows


def access_order(public_id: str, *, merchant_id: int | None = None) -> Order:
    """An order, of this merchant where one is given. Raises ``NotFound``."""
    found = orders(merchant_id=merchant_id).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("order_not_found", _("There is no such delivery."), field="order")
    return found


def is_order(public_id: str) -> bool:
    """Is there a delivery of this id?"""
    return public_id.startswith("ord_") and Order.objects.filter(public_id=public_id).exists()


def filter_orders(
    *,
    merchant_id: int | None = None,
    states: Sequence[str] = (),
    first_on: date | None = None,
    last_on: date | None = None,
    subscription: str = "",
    member: str = "",
) -> QuerySet[Order]:
    """Orders by filters, unordered."""
    rows = orders(merchant_id=merchant_id)
    if states:
        rows = rows.filter(state__in=list(states))
    exact = {
        "deliver_on__gte": first_on,
        "deliver_on__lte": last_on,
        "subscription__public_id": subscription,
        "member__public_id": member,
    }
    return rows.filter(**{name: value for name, value in exact.items() if value})


def orders_of(row: Subscription, *, limit: int = 20) -> list[Order]:
    """A subscription's deliveries, the last day first."""
    rows = ready_to_list(orders()).filter(subscription=row)
    return list(rows.order_by("-deliver_on", "-id")[:limit])


def lines_of(order: Order) -> list[OrderLine]:
    """The closed lines of an order; none while it can be changed."""
    if "lines" in getattr(order, "_prefetched_objects_cache", ()):
        return list(order.lines.all())
    return list(OrderLine.objects.filter(order=order).order_by("number"))


def ready_to_list(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Orders with lines and baskets, for lists: three queries however many."""
    lines = Prefetch("lines", queryset=OrderLine.objects.order_by("number"))
    return with_baskets(rows).prefetch_related(lines)


def shown(order: Order, *, book: TermsBook | None = None) -> SubscriptionOrderView:
    """An order as everybody sees it; one that can still be changed as it would be today.

    Of many, give a ``book`` to all, and rows of :func:`ready_to_list`.
    """
    if order.state == Order.State.UPCOMING:
        bill = forecast(order, terms=(book or TermsBook()).of(order.subscription))
        order.goods_minor, order.discount_bp = bill.goods_minor, bill.discount_bp
        order.discount_minor, order.shipping_minor = bill.discount_minor, bill.shipping_minor
        order.total_minor = bill.total_minor
        row = order.subscription
        order.pays, order.way, order.note = row.pays, row.way, row.note
        order.location, order.address = row.location, row.address
        return order_view(order, bill.lines)
    return order_view(order, tuple(line_view(line) for line in lines_of(order)))


def day_list(on: date, *, merchant_id: int | None = None) -> DayList:
    """What goes out on a day; what is handed over, skipped or cancelled is left out."""
    rows = orders(merchant_id=merchant_id).filter(deliver_on=on, state__in=OPEN_STATES)
    found = sorted(ready_to_list(rows).order_by("id"), key=_next_to_do)
    book = TermsBook()
    views = [shown(one, book=book) for one in found]
    names: dict[str, str] = {}
    counts: dict[str, list[int]] = {}
    for view in views:
        is_open = view.state == Order.State.UPCOMING
        for line in view.lines:
            if not line.missing:
                names.setdefault(line.sku, line.name)
                counts.setdefault(line.sku, [0, 0])[is_open] += line.quantity
    products = [
        PickedProduct(sku=sku, name=names[sku], closed=closed, open=still_open)
        for sku, (closed, still_open) in sorted(counts.items(), key=lambda one: names[one[0]])
    ]
    return DayList(on=on, products=tuple(products), orders=tuple(views))


def _next_to_do(order: Order) -> int:
    """What can be packed first, then what is packed, what waits for money, what can still change."""
    can_be_packed = order.state == Order.State.PAID or (
        order.state == Order.State.LOCKED and order.pays == Subscription.Pays.ON_DELIVERY
    )
    rest = (Order.State.PACKED, Order.State.LOCKED, Order.State.UPCOMING)
    return 0 if can_be_packed else 1 + rest.index(Order.State(order.state))


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day's deliveries by what is to be done, and what the closed ones bring in."""

    on: date
    upcoming: int = 0
    to_pay: int = 0
    to_pack: int = 0
    packed: int = 0
    delivered: int = 0
    total_minor: int = 0


def days_ahead(today: date, *, days: int, merchant_id: int | None = None) -> list[Day]:
    """The days from today on that have deliveries. One query."""
    rows = Order.objects.filter(
        deliver_on__gte=today,
        deliver_on__lt=today + timedelta(days=days),
        state__in=(*OPEN_STATES, Order.State.DELIVERED),
    )
    if merchant_id is not None:
        rows = rows.filter(merchant=merchant_id)
    on_delivery = Q(pays=Subscription.Pays.ON_DELIVERY)
    locked = Q(state=Order.State.LOCKED)
    found = rows.values("deliver_on").annotate(
        upcoming=Count("id", filter=Q(state=Order.State.UPCOMING)),
        to_pay=Count("id", filter=locked & ~on_delivery),
        to_pack=Count("id", filter=Q(state=Order.State.PAID) | (locked & on_delivery)),
        packed=Count("id", filter=Q(state=Order.State.PACKED)),
        delivered=Count("id", filter=Q(state=Order.State.DELIVERED)),
        total_minor=Sum("total_minor"),
    )
    return [
        Day(on=one.pop("deliver_on"), **one) for one in found.order_by("deliver_on").values(*_DAY)
    ]


_DAY = ("deliver_on", "upcoming", "to_pay", "to_pack", "packed", "delivered", "total_minor")


def late_orders(*, before: date, merchant_id: int | None = None) -> list[Order]:
    """What should be out already and is not, the oldest first."""
    rows = orders(merchant_id=merchant_id).filter(deliver_on__lt=before, state__in=ON_THE_WAY)
    return list(rows.order_by("deliver_on", "id")[:50])


def count_to_pack(*, merchant_id: int | None = None) -> int:
    """How many deliveries can be packed now. One query."""
    rows = Order.objects.filter(
        Q(state=Order.State.PAID) | Q(state=Order.State.LOCKED, pays=Subscription.Pays.ON_DELIVERY)
    )
    if merchant_id is not None:
        rows = rows.filter(merchant=merchant_id)
    return int(rows.count())


def people_of(found: Iterable[SubscriptionOrderView]) -> dict[str, str]:
    """The names of who gets these deliveries, by public id. One query."""
    wanted = {one.member for one in found}
    rows = Member.objects.filter(public_id__in=wanted)
    return {public_id: name or "–" for public_id, name in rows.values_list("public_id", "name")}
