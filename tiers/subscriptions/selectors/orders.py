"""Reads about deliveries: one, a member's, a day's. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from tiers.subscriptions.models import Order, OrderLine, Subscription
from tiers.subscriptions.results import (
    DayList,
    PickedProduct,
    SubscriptionOrderView,
    line_view,
    order_view,
)
from tiers.subscriptions.selectors.pricing import forecast

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
    rows = orders().filter(subscription=row)
    return list(rows.order_by("-deliver_on", "-id")[:limit])


def lines_of(order: Order) -> list[OrderLine]:
    """The closed lines of an order; none while it can be changed."""
    return list(OrderLine.objects.filter(order=order).order_by("number"))


def lines_of_each(found: Iterable[Order]) -> dict[int, list[OrderLine]]:
    """The closed lines of many orders, by order. One query."""
    by_order: dict[int, list[OrderLine]] = {}
    for line in OrderLine.objects.filter(order__in=[one.pk for one in found]).order_by("number"):
        by_order.setdefault(line.order_id, []).append(line)
    return by_order


def shown(order: Order, lines: Sequence[OrderLine] | None = None) -> SubscriptionOrderView:
    """An order as everybody sees it; one that can still be changed as it would be today."""
    if order.state == Order.State.UPCOMING:
        bill = forecast(order)
        order.goods_minor, order.discount_bp = bill.goods_minor, bill.discount_bp
        order.discount_minor, order.shipping_minor = bill.discount_minor, bill.shipping_minor
        order.total_minor = bill.total_minor
        row = order.subscription
        order.pays, order.way, order.note = row.pays, row.way, row.note
        order.location, order.address = row.location, row.address
        return order_view(order, bill.lines)
    closed = lines_of(order) if lines is None else lines
    return order_view(order, tuple(line_view(line) for line in closed))


def day_list(on: date, *, merchant_id: int | None = None) -> DayList:
    """What goes out on a day; what is handed over, skipped or cancelled is left out."""
    rows = orders(merchant_id=merchant_id).filter(deliver_on=on, state__in=OPEN_STATES)
    found = list(rows.order_by("state", "id"))
    lines = lines_of_each(found)
    views = [shown(one, lines.get(one.pk, ())) for one in found]
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
