"""A delivery is closed at its cut-off: lines and prices of that day are written and the bill opens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from loyalty.commands.decorator import Context
from loyalty.common.clock import start_of_day
from loyalty.common.naming import told
from loyalty.payments.services import open_charge
from members.profiles.models import Member
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Item, Order, OrderLine, Subscription
from tiers.subscriptions.rules.prices import Bill, Wanted
from tiers.subscriptions.rules.terms import OfferTerms
from tiers.subscriptions.services.keeping import (
    AHEAD_BILL,
    ORDER_BILL,
    OrderState,
    give_back,
    pay_until,
    tell_order,
    today,
)
from tiers.subscriptions.services.settling import settle

WAIT = timedelta(days=7)
Pays = Subscription.Pays


def close_due(ctx: Context, member: Member, *, until: datetime) -> int:
    """Close every delivery whose cut-off was by ``until``; answers how many.

    All of one day are counted together before the first is closed, so that they agree on how many
    products come that day.
    """
    due = list(
        selectors.orders(merchant_id=ctx.actor.merchant_id)
        .filter(member=member, state=OrderState.UPCOMING, cutoff_at__lte=until)
        .order_by("cutoff_at", "id")
    )
    beside = {order.pk: selectors.products_beside(order) for order in due}
    for order in due:
        _close(ctx, order, beside=beside[order.pk])
    return len(due)


def _close(ctx: Context, order: Order, *, beside: int) -> None:
    row = selectors.access_subscription(order.subscription.public_id)
    order.subscription = row
    terms = selectors.terms_now(row, at=ctx.now)
    found = selectors.basket(
        selectors.items_of(row), holds=selectors.holds_price(row, terms, on=order.deliver_on)
    )
    order.locked_at = ctx.now
    order.revision += 1
    # Jobs that stood still for days close late: it comes as soon as it can.
    order.deliver_on = max(order.deliver_on, today(ctx))
    if not found.wanted:
        order.extends_days = selectors.rhythm_of(row).days_after(order.slot_on)
        row.extra_days += order.extends_days if row.commit_months else 0
        row.save(update_fields=["extra_days"])
        order.state, order.because = OrderState.SKIPPED, Order.Because.NOTHING_THERE
        order.save()
        _write_lines(order, None, found.missing)
        tell_order(ctx, "skipped", order, because=str(order.because))
        return
    products = len(found.wanted) + beside
    if row.pays == Pays.AHEAD:
        # It was priced by itself and as a whole: what comes beside it or is missing changes nothing.
        products = len(found.wanted) + len(found.missing)
    made = selectors.price(row, found.wanted, terms=terms, products=products)
    _write(order, row, made)
    _write_lines(order, made, found.missing)
    missing = [line.sku for line, _why in found.missing]
    if order.pays == Pays.AHEAD:
        _take_from_ahead(ctx, row, order)
    elif order.total_minor == 0:
        settle(ctx, order)
    else:
        _open_bill(ctx, order, terms)
    tell_order(ctx, "closed", order, missing=missing)


def _write(order: Order, row: Subscription, made: Bill) -> None:
    order.state, order.because = OrderState.LOCKED, Order.Because.NONE
    order.pays, order.way, order.note = row.pays, row.way, row.note
    order.location, order.address = row.location, row.address
    order.goods_minor, order.discount_minor = made.goods_minor, made.discount_minor
    order.discount_bp, order.other_bp = made.discount_bp, made.other_bp
    order.shipping_minor, order.total_minor = made.shipping_minor, made.total_minor
    order.save()


def _write_lines(order: Order, made: Bill | None, missing: Sequence[tuple[Wanted, str]]) -> None:
    rows = [
        OrderLine(
            programme_id=order.programme_id,
            order=order,
            sku=one.sku,
            name=one.name,
            quantity=one.quantity,
            price_minor=one.price_minor,
            discount_minor=one.discount_minor,
            net_minor=one.net_minor,
        )
        for one in (made.lines if made else ())
    ]
    rows += [
        OrderLine(
            programme_id=order.programme_id,
            order=order,
            sku=one.sku,
            name=one.name,
            quantity=one.quantity,
            price_minor=one.price_minor,
            missing=why,
        )
        for one, why in missing
    ]
    for number, line in enumerate(rows, start=1):
        line.number = number
    OrderLine.objects.bulk_create(rows)


def _open_bill(ctx: Context, order: Order, terms: OfferTerms) -> None:
    zone = ctx.programme.timezone
    if order.pays == Pays.BEFORE:
        order.pay_until = pay_until(order, terms.grace_days, zone)
    due_at = max(start_of_day(order.deliver_on, zone), ctx.now + timedelta(seconds=1))
    name = order.subscription.offer.name
    day = order.deliver_on
    opened = open_charge.within(
        ctx,
        member=order.member.public_id,
        amount_minor=order.total_minor,
        kind=ORDER_BILL,
        subject=order.public_id,
        text_vi=f"{told(name, 'vi')}, giao ngày {day:%d/%m/%Y}"[:200],
        text_en=f"{told(name, 'en')}, delivery of {day:%d %b %Y}"[:200],
        merchant=order.merchant.public_id,
        due_at=due_at,
        # A minute longer than we wait ourselves: what is paid in the last second still counts.
        expires_at=order.pay_until + timedelta(minutes=1) if order.pay_until else None,
    )
    order.charge = opened.id
    order.save(update_fields=["charge", "pay_until"])


def _take_from_ahead(ctx: Context, row: Subscription, order: Order) -> None:
    """One of the deliveries that were paid ahead; what could not be had of it goes back."""
    assert row.ahead_left > 0
    row.ahead_left -= 1
    row.save(update_fields=["ahead_left"])
    order.charge = row.charge
    back = row.ahead_minor - order.total_minor
    if back > 0:
        give_back(ctx, row.charge, amount_minor=back, reason="not available")
    settle(ctx, order)


def bill_ahead(
    ctx: Context, row: Subscription, terms: OfferTerms, *, items: Sequence[Item]
) -> None:
    """Open the bill of a whole committed time at today's prices, which hold for it."""
    for item in items:
        item.held_minor = item.offered.product.price_minor
        if item.pk is not None:
            item.save(update_fields=["held_minor"])
    found = selectors.basket(items, holds=True)
    wanted = [*found.wanted, *(line for line, _why in found.missing)]
    made = selectors.price(row, wanted, terms=terms, products=len(wanted))
    assert row.committed_on is not None
    row.ahead_minor = made.total_minor
    deliveries = selectors.rhythm_of(row).count(row.committed_on, row.commit_months)
    opened = open_charge.within(
        ctx,
        member=row.member.public_id,
        amount_minor=deliveries * made.total_minor,
        kind=AHEAD_BILL,
        subject=row.public_id,
        text_vi=f"{told(row.offer.name, 'vi')}, trả trước {deliveries} lần giao"[:200],
        text_en=f"{told(row.offer.name, 'en')}, {deliveries} deliveries ahead"[:200],
        merchant=row.merchant.public_id,
        due_at=ctx.now + timedelta(seconds=1),
        expires_at=ctx.now + WAIT,
    )
    row.charge = opened.id
