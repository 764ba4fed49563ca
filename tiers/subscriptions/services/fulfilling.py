"""What the shop does with a closed delivery: pack it, hand it over, cancel it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Refused
from loyalty.outbox.services import publish
from loyalty.payments.selectors import access_charge, refunded_about
from loyalty.payments.selectors import charge as charge_view
from loyalty.payments.services import take_cash
from members.profiles.models import Member
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Order
from tiers.subscriptions.results import SubscriptionOrderView
from tiers.subscriptions.services.baskets import text_of
from tiers.subscriptions.services.closing import Pays
from tiers.subscriptions.services.keeping import (
    OrderState,
    drop_bill,
    give_back,
    order_to_lock,
    schedule,
    tell_order,
    the_order,
)
from tiers.subscriptions.services.running import catch_up
from tiers.subscriptions.services.settling import settle


def _due(ctx: Context, order: str, revision: int | None) -> Order:
    person = ctx.the_locked(Member, code="order_not_found", field="order")
    the_order(ctx, order, revision=revision)
    catch_up(ctx, person)
    return the_order(ctx, order)


def _done(ctx: Context, row: Order, event: str) -> SubscriptionOrderView:
    row.revision += 1
    row.save()
    schedule(ctx, selectors.access_subscription(row.subscription.public_id))
    tell_order(ctx, event, row)
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state))
    return selectors.shown(row)


def _wrong_state(row: Order) -> Refused:
    told = _("This delivery is %(state)s.") % {"state": row.get_state_display()}
    return Refused("wrong_state", told, field="order", params={"state": str(row.state)})


@command(
    "subscriptions.pack_order",
    label=_("Delivery packed"),
    permission="orders:write",
    lock=order_to_lock,
)
def pack_order(ctx: Context, *, order: str, revision: int | None = None) -> SubscriptionOrderView:
    """It is packed. Unpaid ones only where they are paid on delivery.

    Raises ``NotFound``, ``Outdated`` and ``Refused`` (``not_paid``, ``wrong_state``).
    """
    row = _due(ctx, order, revision)
    if row.state == OrderState.LOCKED and row.pays != Pays.ON_DELIVERY:
        raise Refused("not_paid", _("It is not paid yet."), field="order")
    if row.state not in (OrderState.LOCKED, OrderState.PAID):
        raise _wrong_state(row)
    row.state, row.packed_at = OrderState.PACKED, ctx.now
    return _done(ctx, row, "packed")


@command(
    "subscriptions.deliver_order",
    label=_("Delivery handed over"),
    permission="orders:write",
    lock=order_to_lock,
)
def deliver_order(
    ctx: Context, *, order: str, cash: bool = False, revision: int | None = None
) -> SubscriptionOrderView:
    """It was handed over; ``cash``: and what was missing on its bill was taken in cash.

    Where nothing is missing any more, such as when the bank was faster than the till, nothing is handed
    over: the customer would have paid twice, and nobody would know.

    Raises ``NotFound``, ``Outdated`` and ``Refused`` (``not_paid``, ``paid_already``, ``wrong_state``).
    """
    row = _due(ctx, order, revision)
    if row.state not in selectors.ON_THE_WAY:
        raise _wrong_state(row)
    is_paid = row.paid_at is not None or charge_view(row.charge).is_settled
    if cash and is_paid:
        told = _("It is paid already. Take no cash, or give it back; then hand it over.")
        raise Refused("paid_already", told, field="cash")
    if row.paid_at is None:
        if is_paid:
            settle(ctx, row)
        elif cash:
            take_cash.within(ctx, charge=row.charge)
            settle(ctx, row)
        else:
            told = _("It is not paid yet. Take the money, then hand it over.")
            raise Refused("not_paid", told, field="cash")
    row.state, row.delivered_at = OrderState.DELIVERED, ctx.now
    return _done(ctx, row, "delivered")


@command(
    "subscriptions.cancel_order",
    label=_("Delivery cancelled"),
    permission="orders:write",
    lock=order_to_lock,
)
def cancel_order(
    ctx: Context, *, order: str, reason: str = "", revision: int | None = None
) -> SubscriptionOrderView:
    """The shop cannot send it: the bill is given up, or the money goes back and the sale with it.

    Raises ``NotFound``, ``Outdated``, ``Invalid`` (reason) and ``Refused`` (``wrong_state``; one that
    is open still is skipped instead).
    """
    row = _due(ctx, order, revision)
    if row.state not in selectors.ON_THE_WAY:
        raise _wrong_state(row)
    row.reason = text_of(reason, field="reason", maximum=200)
    if row.paid_at is not None:
        _give_back(ctx, row)
    elif row.charge:
        drop_bill(ctx, row.charge)
    row.state, row.because = OrderState.CANCELLED, Order.Because.ASKED
    return _done(ctx, row, "cancelled")


def _give_back(ctx: Context, row: Order) -> None:
    left = row.total_minor
    if row.charge:
        # The till may have given some of it back a moment ago: its news need not be here yet.
        gone = refunded_about(access_charge(row.charge), row.public_id)
        left -= max(row.returned_minor, gone)
    if left > 0:
        give_back(
            ctx,
            row.charge,
            amount_minor=left,
            reason="order cancelled",
            about=row.public_id,
        )
    take_back_sale(ctx, row)


def take_back_sale(ctx: Context, row: Order) -> None:
    """The sale it became is refunded, with everything it earned."""
    data = {
        "merchant": row.merchant.public_id,
        "member": row.member.public_id,
        "receipt": row.public_id,
    }
    publish(ctx, "sale.cancelled", subject=row.member.public_id, data=data)


@command(
    "subscriptions.money_went_back",
    label=_("Delivery refunded at its bill"),
    permission="subscriptions:settle",
    lock=order_to_lock,
)
def money_went_back(ctx: Context, *, order: str) -> SubscriptionOrderView:
    """Staff gave the whole bill back: what has not gone out does not go out, and the sale is undone."""
    row = the_order(ctx, order)
    if row.paid_at is not None and row.state != OrderState.CANCELLED:
        if row.state in selectors.ON_THE_WAY:
            row.state, row.because = OrderState.CANCELLED, Order.Because.ASKED
        take_back_sale(ctx, row)
        return _done(ctx, row, "cancelled")
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state))
    return selectors.shown(row)


@command(
    "subscriptions.count_returned",
    label=_("Goods of a delivery returned"),
    permission="subscriptions:settle",
    lock=order_to_lock,
)
def count_returned(ctx: Context, *, order: str, returned_minor: int) -> SubscriptionOrderView:
    """The sale of a delivery was refunded at the till: that money is not given back a second time, and
    what came back whole does not go out.

    Args:
        returned_minor: what of the sale was refunded altogether so far.
    """
    row = the_order(ctx, order)
    row.returned_minor = max(row.returned_minor, min(returned_minor, row.total_minor))
    if row.returned_minor == row.total_minor and row.state in selectors.ON_THE_WAY:
        row.state, row.because = OrderState.CANCELLED, Order.Because.ASKED
        return _done(ctx, row, "cancelled")
    row.save(update_fields=["returned_minor"])
    ctx.about(row.public_id, member=row.member.public_id, returned_minor=row.returned_minor)
    return selectors.shown(row)


@command(
    "subscriptions.bill_was_cancelled",
    label=_("Bill of a delivery was cancelled"),
    permission="subscriptions:settle",
    lock=order_to_lock,
)
def bill_was_cancelled(ctx: Context, *, order: str, charge: str) -> SubscriptionOrderView:
    """Staff gave the bill of a closed delivery up: that is the shop cancelling it. It does not come,
    and the subscription goes on with the next.
    """
    row = the_order(ctx, order)
    if row.charge == charge and row.paid_at is None and row.state in selectors.ON_THE_WAY:
        row.state, row.because = OrderState.CANCELLED, Order.Because.ASKED
        return _done(ctx, row, "cancelled")
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state))
    return selectors.shown(row)
