"""What all commands about subscriptions share: the lock, the row, its due time, status and events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock
from loyalty.common.clock import end_of_day, local_day, start_of_day
from loyalty.common.errors import Outdated, Refused
from loyalty.engine.status import Status
from loyalty.engine.statuses import write_statuses
from loyalty.outbox.services import publish
from loyalty.payments.selectors import access_charge, refundable_minor
from loyalty.payments.selectors import charge as charge_view
from loyalty.payments.services import drop_charge, refund_charge
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Item, Order, Subscription
from tiers.subscriptions.results import SubscriptionView, basket_line, view_of
from tiers.subscriptions.rules.schedule import NOTICE

STATUS = "subscriptions"
ORDER_BILL = "subscriptions.order"
AHEAD_BILL = "subscriptions.ahead"
LEAVING_BILL = "subscriptions.leaving"
BOTH = ("subscriptions:write", "self:subscriptions")
State = Subscription.State
OrderState = Order.State


def subscription_to_lock(subscription: str, **_rest: Any) -> Lock:
    """The member (with the holder) whose subscription it is: one change of a member at a time."""
    rows = Subscription.objects.filter(public_id=subscription)
    return member_to_lock(rows.values_list("member__public_id", flat=True).first() or "")


def order_to_lock(order: str, **_rest: Any) -> Lock:
    """The member whose delivery it is."""
    rows = Order.objects.filter(public_id=order)
    return member_to_lock(rows.values_list("member__public_id", flat=True).first() or "")


def the_subscription(
    ctx: Context, subscription: str, *, revision: int | None = None
) -> Subscription:
    """The subscription of the locked member, as it is now.

    Staff of one merchant in a programme of several touch their own merchant's only. Raises
    ``NotFound``, and ``Outdated`` where it is not the revision that was read.
    """
    ctx.the_locked(Member, code="subscription_not_found", field="subscription")
    row = selectors.access_subscription(subscription, merchant_id=ctx.actor.merchant_id)
    if revision is not None and row.revision != revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    return row


def the_order(ctx: Context, order: str, *, revision: int | None = None) -> Order:
    """The delivery of the locked member, as it is now. Raises as :func:`the_subscription`."""
    ctx.the_locked(Member, code="order_not_found", field="order")
    row = selectors.access_order(order, merchant_id=ctx.actor.merchant_id)
    if revision is not None and row.revision != revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    return row


def running(row: Subscription) -> Subscription:
    """The row, where it still runs. Raises ``Refused`` (``subscription_ended``)."""
    if row.state == State.ENDED:
        raise Refused("subscription_ended", _("This subscription has ended."), field="subscription")
    return row


def today(ctx: Context) -> date:
    """The programme's day."""
    return local_day(ctx.now, ctx.programme.timezone)


def keep(ctx: Context, row: Subscription, *, event: str, **more: Any) -> None:
    """Write a subscription and the member's status, and tell what happened."""
    row.revision += 0 if row.pk is None else 1
    schedule(ctx, row)
    sync_status(ctx, row.member)
    data = {
        "subscription": row.public_id,
        "member": row.member.public_id,
        "offer": row.offer.public_id,
        "code": row.offer.code,
        "state": str(row.state),
        **more,
    }
    publish(ctx, f"subscription.{event}", subject=row.member.public_id, data=data)
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state), **more)


def tell_order(ctx: Context, event: str, order: Order, **more: Any) -> None:
    """Publish ``subscription.order_<event>`` with what every subscriber needs, and ``more``."""
    data = {
        "order": order.public_id,
        "subscription": order.subscription.public_id,
        "member": order.member.public_id,
        "state": str(order.state),
        "deliver_on": order.deliver_on.isoformat(),
        "total_minor": order.total_minor,
        "charge": order.charge,
        **more,
    }
    publish(ctx, f"subscription.order_{event}", subject=order.member.public_id, data=data)


def schedule(ctx: Context, row: Subscription) -> None:
    """Write the row with the instant a job must look at it next."""
    row.due_at = min(_due(ctx, row), default=None)
    row.save()


def _due(ctx: Context, row: Subscription) -> Iterable[datetime]:
    zone = ctx.programme.timezone
    if row.state == State.WAITING and row.charge:
        yield charge_view(row.charge).expires_at or ctx.now
    if row.state == State.PAUSED and row.paused_until:
        yield start_of_day(row.paused_until, zone)
    if row.state != State.ENDED and row.stops_on:
        yield start_of_day(row.stops_on, zone)
    if row.pk is None:
        return
    for order in Order.objects.filter(
        subscription=row, state__in=(OrderState.UPCOMING, OrderState.LOCKED)
    ):
        if order.state == OrderState.UPCOMING:
            yield order.cutoff_at if order.told_at else order.cutoff_at - NOTICE
        elif order.pay_until:
            yield next_reminder(order, zone) or order.pay_until


def next_reminder(order: Order, zone: str) -> datetime | None:
    """When the payer of a closed delivery is reminded next: on its day, and a day before the end."""
    assert order.pay_until is not None
    plan = (start_of_day(order.deliver_on, zone), order.pay_until - timedelta(days=1))
    return plan[order.reminders] if order.reminders < len(plan) else None


def pay_until(order: Order, grace_days: int, zone: str) -> datetime:
    """The end of the last day a delivery can be paid on."""
    return end_of_day(order.deliver_on + timedelta(days=grace_days), zone)


def drop_bill(ctx: Context, charge: str) -> None:
    """Give an open bill up; money that came in for a part of it goes back."""
    drop_charge.within(ctx, charge=charge, reason="subscription")


def give_back(ctx: Context, charge: str, *, amount_minor: int, reason: str, about: str = "") -> int:
    """Send money of a paid bill back; answers how much: what staff gave back before is not there."""
    amount = min(amount_minor, refundable_minor(access_charge(charge))) if charge else 0
    if amount > 0:
        refund_charge.within(
            ctx, charge=charge, amount_minor=amount, reason=reason, by_itself=True, about=about
        )
    return amount


def sync_status(ctx: Context, member: Member) -> None:
    """What the member subscribes to now, as rules and prices read it."""
    rows = Subscription.objects.select_related("offer").filter(member=member, state=State.ACTIVE)
    skus: dict[int, list[str]] = {}
    for item in Item.objects.select_related("offered__product").filter(subscription__in=rows):
        skus.setdefault(item.subscription_id, []).append(item.offered.product.sku)
    held = [
        {
            "subscription": one.public_id,
            "offer": one.offer.public_id,
            "family": one.family,
            "code": one.offer.code,
            "since": one.began_at.isoformat(),
            "skus": sorted(skus.get(one.pk, ())),
        }
        for one in rows.order_by("-offer__priority", "id")
    ]
    codes = " ".join(sorted({str(one["code"]) for one in held}))[:60]
    status = Status(value=codes, since=ctx.now, data={"held": held})
    write_statuses([(member, {STATUS: status})], at=ctx.now)


def present(
    ctx: Context,
    row: Subscription,
    *,
    refunded_minor: int = 0,
    charged_minor: int = 0,
    charge: str = "",
) -> SubscriptionView:
    """A subscription as commands answer it."""
    return subscription_view(
        row,
        on=today(ctx),
        refunded_minor=refunded_minor,
        charged_minor=charged_minor,
        charge=charge,
    )


def subscription_view(
    row: Subscription, *, on: date, book: selectors.TermsBook | None = None, **more: Any
) -> SubscriptionView:
    """A row (with member, offer and location loaded) as everybody sees it.

    Of many, give a ``book`` to all, and rows of ``selectors.ready_to_show``.
    """
    items = selectors.items_of(row)
    terms = (book or selectors.TermsBook()).of(row)
    holds = selectors.holds_price(row, terms, on=on)
    return view_of(
        row,
        items=tuple(basket_line(item, holds=holds) for item in items),
        each_minor=selectors.each_minor(row, items, on=on, terms=terms),
        upcoming=selectors.upcoming_of(row),
        closed=selectors.closed_of(row),
        committed_until=selectors.committed_until(row),
        **more,
    )
