"""A delivery is paid: it becomes a sale, once, and earns like any other."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.outbox.services import publish
from loyalty.payments.selectors import charge as charge_view
from members.profiles.models import Member
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Order
from tiers.subscriptions.results import SubscriptionOrderView, SubscriptionView
from tiers.subscriptions.services.keeping import (
    OrderState,
    order_to_lock,
    present,
    schedule,
    subscription_to_lock,
    tell_order,
    the_order,
    the_subscription,
    today,
)


@command(
    "subscriptions.settle_order",
    label=_("Delivery paid"),
    permission="subscriptions:settle",
    lock=order_to_lock,
)
def settle_order(
    ctx: Context, *, order: str, charge: str, is_late: bool = False
) -> SubscriptionOrderView:
    """A delivery's bill was paid. Told twice, or about a bill that is not its own, changes nothing.

    One that was given up as unpaid, or cancelled with its bill, comes after all where staff took the
    late money as good (``is_late``).
    """
    row = the_order(ctx, order)
    comes = is_late or row.state != OrderState.CANCELLED
    if row.charge == charge and row.paid_at is None and comes:
        settle(ctx, row)
        schedule(ctx, row.subscription)
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state))
    return selectors.shown(row)


@command(
    "subscriptions.settle_leaving",
    label=_("Difference of a subscription paid"),
    permission="subscriptions:settle",
    lock=subscription_to_lock,
)
def settle_leaving(ctx: Context, *, subscription: str, charge: str) -> SubscriptionView:
    """What leaving early cost was paid: it stands in the books as a fee, which earns nothing."""
    row = the_subscription(ctx, subscription)
    bill = charge_view(charge)
    line = {"name": bill.text_vi, "kind": "fee", "net_minor": bill.amount_minor}
    _sell(
        ctx,
        row.member,
        merchant=row.merchant.public_id,
        receipt=charge,
        charge=charge,
        lines=[line],
    )
    ctx.about(row.public_id, member=row.member.public_id, paid_minor=bill.amount_minor)
    return present(ctx, row)


def settle(ctx: Context, order: Order) -> None:
    """Within a command: the money for a closed delivery is here (or there is none to pay)."""
    order.paid_at = ctx.now
    if order.state in (OrderState.LOCKED, OrderState.FAILED, OrderState.CANCELLED):
        order.state, order.because = OrderState.PAID, Order.Because.NONE
        order.deliver_on = max(order.deliver_on, today(ctx))
    order.revision += 1
    order.save()
    lines: list[dict[str, Any]] = [
        {
            "sku": line.sku,
            "name": line.name,
            "quantity_milli": line.quantity * 1000,
            "net_minor": line.net_minor,
            "discount_minor": line.discount_minor,
        }
        for line in selectors.lines_of(order)
        if not line.missing
    ]
    if order.shipping_minor:
        shipping = {"name": str(_("Delivery")), "kind": "shipping"}
        lines.append({**shipping, "net_minor": order.shipping_minor})
    _sell(
        ctx,
        order.member,
        merchant=order.merchant.public_id,
        receipt=order.public_id,
        charge=order.charge,
        lines=lines,
    )
    tell_order(ctx, "paid", order)


def _sell(
    ctx: Context,
    member: Member,
    *,
    merchant: str,
    receipt: str,
    charge: str,
    lines: list[dict[str, Any]],
) -> None:
    data = {
        "member": member.public_id,
        "merchant": merchant,
        "receipt": receipt,
        "charge": charge,
        "lines": lines,
    }
    publish(ctx, "sale.settled", subject=member.public_id, data=data)
