"""What commands and selectors about product subscriptions answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tiers.subscriptions.models import Item, Order, OrderLine, Subscription


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    """A product in a basket. ``price_minor`` of one, as it is today (or as it holds)."""

    sku: str
    name: str
    quantity: int
    price_minor: int
    can_be_had: bool


@dataclass(frozen=True, kw_only=True)
class SubscriptionView:
    """A subscription as it stands.

    Args:
        next_order, next_on: the first delivery that can still be changed, and its day.
        change_until: until when it can be.
        closed_order: a delivery that is closed and not handed over yet: changes do not reach it.
        committed_until: the day the committed time is over, skips and pauses included.
        stops_on: the day it ends, where that is decided.
        refunded_minor, charged_minor: what this very command gave back or charged; ``charge`` the
            bill to be paid for it, or for what is paid ahead.
    """

    id: str
    member: str
    offer: str
    code: str
    name: str
    state: str
    because: str
    every: int
    unit: str
    items: tuple[BasketLine, ...]
    each_minor: int
    pays: str
    way: str
    location: str
    address: str
    note: str
    next_order: str
    next_on: date | None
    change_until: datetime | None
    closed_order: str
    closed_on: date | None
    commit_months: int
    discount_bp: int
    committed_until: date | None
    ahead_left: int
    paused_until: date | None
    stops_on: date | None
    began_at: datetime
    charge: str
    revision: int
    refunded_minor: int = 0
    charged_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class SubscriptionOrderLine:
    """A line of a delivery. ``missing`` says why it was left out: ``out``, ``withdrawn``."""

    sku: str
    name: str
    quantity: int
    price_minor: int
    discount_minor: int
    net_minor: int
    missing: str


@dataclass(frozen=True, kw_only=True)
class SubscriptionOrderView:
    """A delivery. Lines and amounts of one that can still be changed are what they would be today."""

    id: str
    subscription: str
    member: str
    deliver_on: date
    slot_on: date
    change_until: datetime
    state: str
    because: str
    lines: tuple[SubscriptionOrderLine, ...]
    goods_minor: int
    discount_bp: int
    discount_minor: int
    shipping_minor: int
    total_minor: int
    pays: str
    way: str
    location: str
    address: str
    note: str
    charge: str
    paid_at: datetime | None
    packed_at: datetime | None
    delivered_at: datetime | None
    revision: int


@dataclass(frozen=True, kw_only=True)
class BasketQuote:
    """What a basket would cost: one delivery, and all of the committed time."""

    goods_minor: int
    discount_bp: int
    discount_minor: int
    shipping_minor: int
    each_minor: int
    deliveries: int
    total_minor: int
    first_on: date


@dataclass(frozen=True, kw_only=True)
class LeavingQuote:
    """What leaving now would mean.

    ``may_leave`` is false where they must stay until ``committed_until``. ``refund_minor`` goes back
    of what was paid ahead, ``charge_minor`` is charged.
    """

    may_leave: bool
    is_bound: bool
    committed_until: date | None
    saved_minor: int
    refund_minor: int
    charge_minor: int


@dataclass(frozen=True, kw_only=True)
class LookedAfter:
    """What a job found due for a member: how many deliveries were closed, and how many not paid."""

    member: str
    closed: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class OfferedView:
    """A product as an offer has it."""

    sku: str
    name: str
    price_minor: int
    state: str
    most: int


@dataclass(frozen=True, kw_only=True)
class PickedProduct:
    """So many of a product on a day: of closed deliveries, and of those that can still change."""

    sku: str
    name: str
    closed: int
    open: int


@dataclass(frozen=True, kw_only=True)
class DayList:
    """What goes out on a day: products in all, and each delivery."""

    on: date
    products: tuple[PickedProduct, ...]
    orders: tuple[SubscriptionOrderView, ...]


def line_view(line: OrderLine) -> SubscriptionOrderLine:
    """A closed line as everybody sees it."""
    return SubscriptionOrderLine(
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        price_minor=line.price_minor,
        discount_minor=line.discount_minor,
        net_minor=line.net_minor,
        missing=str(line.missing),
    )


def order_view(order: Order, lines: tuple[SubscriptionOrderLine, ...]) -> SubscriptionOrderView:
    """An order (with subscription, member and location loaded) as everybody sees it."""
    return SubscriptionOrderView(
        id=order.public_id,
        subscription=order.subscription.public_id,
        member=order.member.public_id,
        deliver_on=order.deliver_on,
        slot_on=order.slot_on,
        change_until=order.cutoff_at,
        state=str(order.state),
        because=str(order.because),
        lines=lines,
        goods_minor=order.goods_minor,
        discount_bp=order.discount_bp,
        discount_minor=order.discount_minor,
        shipping_minor=order.shipping_minor,
        total_minor=order.total_minor,
        pays=str(order.pays),
        way=str(order.way),
        location=order.location.public_id if order.location else "",
        address=order.address,
        note=order.note,
        charge=order.charge,
        paid_at=order.paid_at,
        packed_at=order.packed_at,
        delivered_at=order.delivered_at,
        revision=order.revision,
    )


def basket_line(item: Item, *, holds: bool) -> BasketLine:
    """A product of a basket (with its product loaded); ``holds``: at the price that was kept."""
    product = item.offered.product
    kept = item.held_minor if holds and item.held_minor is not None else product.price_minor
    return BasketLine(
        sku=product.sku,
        name=product.name,
        quantity=item.quantity,
        price_minor=kept,
        can_be_had=item.offered.can_be_had,
    )


def view_of(
    row: Subscription,
    *,
    items: tuple[BasketLine, ...],
    each_minor: int,
    upcoming: Order | None,
    closed: Order | None,
    committed_until: date | None,
    refunded_minor: int = 0,
    charged_minor: int = 0,
    charge: str = "",
) -> SubscriptionView:
    """A row (with member, offer and location loaded) as everybody sees it."""
    return SubscriptionView(
        id=row.public_id,
        member=row.member.public_id,
        offer=row.offer.public_id,
        code=row.offer.code,
        name=row.offer.name,
        state=str(row.state),
        because=str(row.because),
        every=row.every,
        unit=str(row.unit),
        items=items,
        each_minor=each_minor,
        pays=str(row.pays),
        way=str(row.way),
        location=row.location.public_id if row.location else "",
        address=row.address,
        note=row.note,
        next_order=upcoming.public_id if upcoming else "",
        next_on=upcoming.deliver_on if upcoming else None,
        change_until=upcoming.cutoff_at if upcoming else None,
        closed_order=closed.public_id if closed else "",
        closed_on=closed.deliver_on if closed else None,
        commit_months=row.commit_months,
        discount_bp=row.committed_bp,
        committed_until=committed_until,
        ahead_left=row.ahead_left,
        paused_until=row.paused_until,
        stops_on=row.stops_on,
        began_at=row.began_at,
        charge=charge or (row.charge if row.state == Subscription.State.WAITING else ""),
        revision=row.revision,
        refunded_minor=refunded_minor,
        charged_minor=charged_minor,
    )
