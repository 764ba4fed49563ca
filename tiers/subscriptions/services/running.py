"""How a subscription goes on: deliveries are opened, closed at their cut-off and billed; unpaid ones are
reminded of, then fail; pauses end. Everything that is due by now, for one member, safe to repeat.

Every command about a subscription begins with :func:`catch_up`, so an edit after the cut-off meets a
closed delivery even where no job has run since: the instant decides, not the job.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.payments.selectors import charge as charge_view
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Order, Subscription
from tiers.subscriptions.results import LookedAfter, SubscriptionView
from tiers.subscriptions.rules.schedule import NOTICE, cutoff, deliver_on
from tiers.subscriptions.rules.terms import OfferTerms
from tiers.subscriptions.services import closing
from tiers.subscriptions.services.keeping import (
    OrderState,
    State,
    drop_bill,
    give_back,
    keep,
    next_reminder,
    present,
    schedule,
    subscription_to_lock,
    tell_order,
    the_subscription,
    today,
)
from tiers.subscriptions.services.settling import settle

_REOPENS = (Order.Because.PAUSED, Order.Because.MOVED)


@command(
    "subscriptions.look_after",
    label=_("Subscriptions looked after"),
    permission="subscriptions:settle",
    lock=lambda *, member: member_to_lock(member),
)
def look_after(ctx: Context, *, member: str) -> LookedAfter:
    """Do what is due for a member's subscriptions. Safe to repeat. Raises ``NotFound``."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    done = catch_up(ctx, row)
    ctx.about(row.public_id, closed=done.closed, failed=done.failed)
    return done


def catch_up(ctx: Context, member: Member) -> LookedAfter:
    """Let happen what is due by now, at the merchant who acts (a job and a member: at all)."""
    mine = selectors.subscriptions(merchant_id=ctx.actor.merchant_id).filter(member=member)
    for row in mine.filter(due_at__lte=ctx.now).order_by("id"):
        _move_on(ctx, row)
    closed = failed = 0
    # In the order it fell due, also where no job has run for weeks: what is closed after a subscription
    # came to rest would never have been closed.
    for until in (*_last_days(ctx, member), ctx.now):
        closed += closing.close_due(ctx, member, until=until)
        failed += _unpaid(ctx, member, until=until)
    for row in mine.filter(due_at__lte=ctx.now).order_by("id"):
        ensure_next(ctx, row)
        _give_notice(ctx, row)
        schedule(ctx, row)
    return LookedAfter(member=member.public_id, closed=closed, failed=failed)


def _move_on(ctx: Context, row: Subscription) -> None:
    """A pause that is over, an end that has come, a first payment that never did."""
    day = today(ctx)
    if row.state == State.WAITING and row.charge:
        bill = charge_view(row.charge)
        if bill.is_settled:
            begin_ahead(ctx, row)
        elif bill.expires_at is None or bill.expires_at <= ctx.now:
            end(ctx, row, because=Subscription.Because.UNPAID)
    elif row.state == State.PAUSED and row.paused_until and row.paused_until <= day:
        if row.because == Subscription.Because.UNPAID:
            end(ctx, row, because=Subscription.Because.UNPAID)
        else:
            wake(ctx, row)
    elif row.state == State.ACTIVE and row.stops_on and row.stops_on <= day:
        end(ctx, row, because=Subscription.Because.ASKED)


def wake(ctx: Context, row: Subscription) -> None:
    """Go on after a pause. The days of the month stay those they were."""
    row.state, row.because = State.ACTIVE, Subscription.Because.NONE
    row.paused_on = row.paused_until = None
    ensure_next(ctx, row)
    if row.state == State.ACTIVE:
        keep(ctx, row, event="resumed")


def end(ctx: Context, row: Subscription, *, because: str) -> None:
    """It is over: what is not closed yet does not come; what is closed still does. What was paid ahead
    and is not used goes back.
    """
    if row.state == State.WAITING and row.charge:
        drop_bill(ctx, row.charge)
    elif row.ahead_left:
        left = row.ahead_left * row.ahead_minor
        give_back(ctx, row.charge, amount_minor=left, reason="subscription over")
    row.ahead_left = 0
    row.state, row.because, row.ended_at = State.ENDED, because, ctx.now
    row.paused_on = row.paused_until = row.stops_on = None
    Order.objects.filter(subscription=row, state=OrderState.UPCOMING).update(
        state=OrderState.CANCELLED, because=Order.Because.ENDED
    )
    keep(ctx, row, event="ended", because=because)


def ensure_next(ctx: Context, row: Subscription) -> None:
    """See to it that an active subscription has a delivery that can still be changed.

    Known by its day in the schedule, so whoever comes first makes it and nobody makes it twice. One
    whose committed time is over and that does not go on by itself ends here.
    """
    if row.state != State.ACTIVE:
        return
    if Order.objects.filter(subscription=row, state=OrderState.UPCOMING).exists():
        return
    terms = selectors.terms_now(row, at=ctx.now)
    last_on = row.stops_on
    if not terms.renews and row.pays != Subscription.Pays.AHEAD:
        last_on = min(filter(None, (last_on, selectors.committed_until(row))), default=None)
    if row.pays == Subscription.Pays.AHEAD and row.ahead_left == 0:
        _used_up(ctx, row, terms)
        return
    lately = Order.objects.filter(subscription=row, slot_on__gte=today(ctx))
    made = {one.slot_on: one for one in lately}
    for _number, slot_on in selectors.rhythm_of(row).slots():
        day = deliver_on(slot_on, terms.weekdays)
        if cutoff(day, terms, ctx.programme.timezone) <= ctx.now:
            continue
        if last_on is not None and slot_on >= last_on:
            end(ctx, row, because=Subscription.Because.OVER)
            return
        known = made.get(slot_on)
        if known is not None and known.because not in _REOPENS:
            continue
        open_order(ctx, row, known or Order(slot_on=slot_on), day=day)
        return


def _used_up(ctx: Context, row: Subscription, terms: OfferTerms) -> None:
    """What was paid ahead is used up: it ends, or the next such time is billed at today's prices."""
    if not terms.renews:
        end(ctx, row, because=Subscription.Because.OVER)
        return
    row.state = State.WAITING
    # The next time is counted from its own first delivery.
    row.committed_on, row.extra_days = selectors.next_slot(row, terms, at=ctx.now), 0
    closing.bill_ahead(ctx, row, terms, items=selectors.items_of(row))
    keep(ctx, row, event="payment_due")


def begin_ahead(ctx: Context, row: Subscription) -> None:
    """Within a command: what is paid ahead is here."""
    row.state, row.because = State.ACTIVE, Subscription.Because.NONE
    # By the bill, not by the rhythm: that may have changed since it was opened.
    row.ahead_left = charge_view(row.charge).amount_minor // row.ahead_minor
    ensure_next(ctx, row)
    keep(ctx, row, event="began")


@command(
    "subscriptions.begin_paid_ahead",
    label=_("Deliveries paid ahead"),
    permission="subscriptions:settle",
    lock=subscription_to_lock,
)
def begin_paid_ahead(ctx: Context, *, subscription: str, charge: str) -> SubscriptionView:
    """The bill of a whole time was paid: it begins. Told twice changes nothing."""
    row = the_subscription(ctx, subscription)
    if row.charge == charge and row.state == State.WAITING:
        begin_ahead(ctx, row)
    return present(ctx, row)


def open_order(ctx: Context, row: Subscription, order: Order, *, day: date) -> None:
    """A delivery that can be changed until its cut-off."""
    terms = selectors.terms_now(row, at=ctx.now)
    order.programme, order.subscription = ctx.programme, row
    order.member, order.merchant = row.member, row.merchant
    order.deliver_on = day
    order.cutoff_at = cutoff(order.deliver_on, terms, ctx.programme.timezone)
    order.state, order.because = OrderState.UPCOMING, Order.Because.NONE
    order.pays, order.way = row.pays, row.way
    order.told_at = None
    order.revision += 0 if order.pk is None else 1
    order.save()


def _give_notice(ctx: Context, row: Subscription) -> None:
    """Say once of each delivery that it is about to be closed."""
    untold = selectors.orders().filter(
        subscription=row,
        state=OrderState.UPCOMING,
        told_at=None,
        cutoff_at__lte=ctx.now + NOTICE,
    )
    for order in untold.order_by("id"):
        order.told_at = ctx.now
        order.save(update_fields=["told_at"])
        tell_order(ctx, "coming", order, change_until=order.cutoff_at.isoformat())


def _awaited(ctx: Context, member: Member) -> QuerySet[Order]:
    """Closed deliveries that still have to be paid in time."""
    return selectors.orders(merchant_id=ctx.actor.merchant_id).filter(
        member=member, state=OrderState.LOCKED, pay_until__isnull=False
    )


def _last_days(ctx: Context, member: Member) -> list[datetime]:
    """When the time for closed deliveries was over, the earliest first."""
    over = _awaited(ctx, member).filter(pay_until__lte=ctx.now).order_by("pay_until")
    days = over.values_list("pay_until", flat=True).distinct()
    return [day for day in days if day is not None]


def _unpaid(ctx: Context, member: Member, *, until: datetime) -> int:
    """Remind of bills, and give up those whose time was over by ``until``; answers how many were."""
    failed = 0
    for order in _awaited(ctx, member).order_by("pay_until", "id"):
        assert order.pay_until is not None
        bill = charge_view(order.charge)
        if bill.is_settled:
            # Paid, and the news of it is still on its way.
            settle(ctx, order)
        elif order.pay_until <= until:
            _fail(ctx, order)
            failed += 1
        elif order.pay_until > ctx.now:
            _remind(ctx, order)
    return failed


def _remind(ctx: Context, order: Order) -> None:
    zone = ctx.programme.timezone
    due = next_reminder(order, zone)
    while due is not None and due <= ctx.now:
        order.reminders += 1
        tell_order(ctx, "unpaid", order, reminder=order.reminders)
        due = next_reminder(order, zone)
    order.save(update_fields=["reminders"])


def _fail(ctx: Context, order: Order) -> None:
    """It was not paid: this delivery does not come, and the subscription rests until they say so."""
    drop_bill(ctx, order.charge)
    order.state, order.because = OrderState.FAILED, Order.Because.UNPAID
    order.revision += 1
    order.save()
    tell_order(ctx, "failed", order)
    row = selectors.access_subscription(order.subscription.public_id)
    if row.state == State.ACTIVE:
        day = today(ctx)
        terms = selectors.terms_now(row, at=ctx.now)
        rest(ctx, row, because=Subscription.Because.UNPAID)
        row.paused_on, row.paused_until = day, day + timedelta(days=terms.longest_pause_days)
        keep(ctx, row, event="paused", because=str(row.because))


def rest(ctx: Context, row: Subscription, *, because: str) -> None:
    """No delivery is opened; those that can still be changed do not come. The caller keeps the row."""
    row.state, row.because = State.PAUSED, because
    put_aside(row, because=Order.Because.PAUSED)


def put_aside(row: Subscription, *, because: str) -> None:
    """Deliveries that can still be changed do not come on their day; they may be opened again."""
    for order in Order.objects.filter(subscription=row, state=OrderState.UPCOMING):
        order.state, order.because = OrderState.SKIPPED, because
        order.revision += 1
        order.save(update_fields=["state", "because", "revision"])
