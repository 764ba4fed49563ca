"""When it comes: skip, take a skip back, put off, another rhythm, pause, go on."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Refused
from loyalty.web import formats
from members.profiles.models import Member
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Order, Subscription
from tiers.subscriptions.results import SubscriptionView
from tiers.subscriptions.rules.schedule import (
    FARTHEST,
    MOST_SKIPS,
    cutoff,
    deliver_on,
    first_possible,
)
from tiers.subscriptions.rules.terms import AHEAD
from tiers.subscriptions.services.baskets import begin, text_of
from tiers.subscriptions.services.keeping import (
    BOTH,
    OrderState,
    State,
    keep,
    order_to_lock,
    present,
    running,
    subscription_to_lock,
    tell_order,
    the_order,
    today,
)
from tiers.subscriptions.services.running import catch_up, ensure_next, put_aside, rest, wake
from tiers.subscriptions.services.subscribing import check_pays, check_rhythm, place


def _open(ctx: Context, order: str, revision: int | None) -> Order:
    """A delivery that can still be changed. Raises ``Refused`` (``after_cutoff``, ``not_open``)."""
    person = ctx.the_locked(Member, code="order_not_found", field="order")
    the_order(ctx, order, revision=revision)
    catch_up(ctx, person)
    row = the_order(ctx, order)
    row.subscription = running(selectors.access_subscription(row.subscription.public_id))
    if row.locked_at is not None:
        following = selectors.upcoming_of(row.subscription)
        day = following.deliver_on.isoformat() if following else ""
        raise Refused(
            "after_cutoff",
            _("This delivery is closed already. What you change counts from the next one."),
            field="order",
            params={"closed_at": row.cutoff_at.isoformat(), "next_on": day},
        )
    return row


def _not_open(row: Order) -> Refused:
    told = _("This delivery is not open any more: %(state)s.") % {"state": row.get_state_display()}
    return Refused("not_open", told, field="order")


@command(
    "subscriptions.skip_order", label=_("Delivery skipped"), permission=BOTH, lock=order_to_lock
)
def skip_order(ctx: Context, *, order: str, revision: int | None = None) -> SubscriptionView:
    """Leave one delivery out; the committed time grows by it.

    Raises ``NotFound``, ``Outdated`` and ``Refused`` (``after_cutoff``, ``not_open``,
    ``skipped_enough``: so many in a row already).
    """
    row = _open(ctx, order, revision)
    subscription = row.subscription
    if row.state != OrderState.UPCOMING:
        raise _not_open(row)
    if _skipped_in_a_row(row) >= MOST_SKIPS:
        raise Refused(
            "skipped_enough",
            _("%(n)s deliveries in a row are skipped already. Pause the subscription instead.")
            % {"n": MOST_SKIPS},
            field="order",
        )
    row.extends_days = selectors.rhythm_of(subscription).days_after(row.slot_on)
    row.state, row.because = OrderState.SKIPPED, Order.Because.ASKED
    row.revision += 1
    row.save()
    if subscription.commit_months:
        subscription.extra_days += row.extends_days
    ensure_next(ctx, subscription)
    tell_order(ctx, "skipped", row, because=str(row.because))
    keep(ctx, subscription, event="changed", skipped=row.deliver_on.isoformat())
    return present(ctx, subscription)


def _skipped_in_a_row(row: Order) -> int:
    """How many were skipped on end just before this one."""
    earlier = Order.objects.filter(subscription=row.subscription, slot_on__lt=row.slot_on)
    count = 0
    for one in earlier.order_by("-slot_on")[:MOST_SKIPS]:
        if one.state != OrderState.SKIPPED or one.because != Order.Because.ASKED:
            break
        count += 1
    return count


@command(
    "subscriptions.unskip_order",
    label=_("Skipped delivery taken back"),
    permission=BOTH,
    lock=order_to_lock,
)
def unskip_order(ctx: Context, *, order: str, revision: int | None = None) -> SubscriptionView:
    """Let a skipped delivery come after all. Raises as :func:`skip_order`."""
    row = _open(ctx, order, revision)
    subscription = row.subscription
    if row.state != OrderState.SKIPPED or row.because != Order.Because.ASKED:
        raise _not_open(row)
    if row.cutoff_at <= ctx.now:
        raise Refused("after_cutoff", _("It is too late for this delivery."), field="order")
    if subscription.state != State.ACTIVE:
        raise Refused("not_active", _("This subscription is paused."), field="subscription")
    if subscription.commit_months:
        subscription.extra_days -= min(row.extends_days, subscription.extra_days)
    row.extends_days = 0
    row.state, row.because = OrderState.UPCOMING, Order.Because.NONE
    row.revision += 1
    row.save()
    keep(ctx, subscription, event="changed", unskipped=row.deliver_on.isoformat())
    return present(ctx, subscription)


@command(
    "subscriptions.reschedule_order",
    label=_("Delivery put on another day"),
    permission=BOTH,
    lock=order_to_lock,
)
def reschedule_order(
    ctx: Context, *, order: str, to: date, and_later: bool = False, revision: int | None = None
) -> SubscriptionView:
    """Put a delivery on another day; ``and_later``: all that follow are counted from that day.

    Raises ``NotFound``, ``Outdated``, ``Invalid`` (a day of the past, one nothing comes on, one too
    far away) and ``Refused`` (``after_cutoff``, ``not_open``, ``too_soon``, ``past_next_delivery``).
    """
    row = _open(ctx, order, revision)
    subscription = row.subscription
    if row.state != OrderState.UPCOMING:
        raise _not_open(row)
    terms = selectors.terms_now(subscription, at=ctx.now)
    zone = ctx.programme.timezone
    if to < today(ctx):
        raise Invalid("in_the_past", _("Choose a day in the future."), field="to")
    first = first_possible(terms, now=ctx.now, zone=zone)
    if to < first:
        told = _("The first day it can come is %(day)s.") % {"day": formats.day_text(first)}
        raise Refused("too_soon", told, field="to", params={"first_on": first.isoformat()})
    if deliver_on(to, terms.weekdays) != to:
        no_day = _("Nothing is delivered on this day of the week.")
        raise Invalid("no_delivery_day", no_day, field="to")
    if to > first + FARTHEST:
        near = _("Choose a day within the next %(days)s days.") % {"days": FARTHEST.days}
        raise Invalid("too_far", near, field="to")
    if and_later:
        put_aside(subscription, because=Order.Because.MOVED)
        subscription.anchor_on = to
        ensure_next(ctx, subscription)
    else:
        _before_the_next(subscription, row, to)
        row.deliver_on, row.cutoff_at = to, cutoff(to, terms, zone)
        row.told_at = None
        row.revision += 1
        row.save()
    keep(ctx, subscription, event="changed", moved_to=to.isoformat())
    return present(ctx, subscription)


def _before_the_next(subscription: Subscription, row: Order, to: date) -> None:
    rhythm = selectors.rhythm_of(subscription)
    following = row.slot_on + timedelta(days=rhythm.days_after(row.slot_on))
    if to >= following:
        told = _("On %(day)s the next delivery comes. Skip this one, or move all of them.")
        raise Refused("past_next_delivery", told % {"day": formats.day_text(following)}, field="to")


@command(
    "subscriptions.change_subscription",
    label=_("Subscription changed"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def change_subscription(
    ctx: Context,
    *,
    subscription: str,
    every: int | None = None,
    unit: str = "",
    pays: str = "",
    way: str = "",
    location: str = "",
    address: str | None = None,
    note: str | None = None,
    revision: int | None = None,
) -> SubscriptionView:
    """Another rhythm (from the next open delivery on), way to pay, place or note.

    Raises ``NotFound``, ``Outdated``, ``Invalid`` by field and ``Refused`` (``paid_ahead``).
    """
    row = begin(ctx, subscription, revision=revision)
    terms = selectors.terms_now(row, at=ctx.now)
    if pays and pays != row.pays:
        if AHEAD in (pays, row.pays):
            told = _("What is paid ahead, and what is not, stays so until it ends.")
            raise Refused("paid_ahead", told, field="pays")
        row.pays = check_pays(terms, pays, months=row.commit_months)
    if way or location or address is not None:
        place(
            row,
            terms,
            way=way or row.way,
            location=location or (row.location.public_id if row.location else ""),
            address=row.address if address is None else address,
        )
        each = selectors.each_minor(row, selectors.items_of(row), on=today(ctx))
        if row.pays == AHEAD and each != row.ahead_minor:
            raise Refused(
                "paid_ahead", _("What is paid ahead cannot come another way."), field="way"
            )
    if note is not None:
        row.note = text_of(note, field="note", maximum=300)
    if every is not None or unit:
        _another_rhythm(ctx, row, every=every or row.every, unit=unit or row.unit)
    keep(ctx, row, event="changed")
    return present(ctx, row)


def _another_rhythm(ctx: Context, row: Subscription, *, every: int, unit: str) -> None:
    terms = selectors.terms_now(row, at=ctx.now)
    check_rhythm(terms, every=every, unit=unit)
    upcoming = selectors.upcoming_of(row)
    # The next delivery stays where it is; those behind it are counted from it.
    anchor_on = upcoming.slot_on if upcoming else selectors.next_slot(row, terms, at=ctx.now)
    row.every, row.unit, row.anchor_on = every, unit, anchor_on


@command(
    "subscriptions.pause_subscription",
    label=_("Subscription paused"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def pause_subscription(
    ctx: Context, *, subscription: str, until: date, revision: int | None = None
) -> SubscriptionView:
    """No delivery until a day, on which it goes on by itself; paused already, until another day. Never
    for ever: the offer says for how long at most from today.

    Raises ``NotFound``, ``Outdated``, ``Invalid`` (``until``) and ``Refused`` (``not_active``).
    """
    row = begin(ctx, subscription, revision=revision)
    longer = row.state == State.PAUSED and row.because == Subscription.Because.ASKED
    if row.state != State.ACTIVE and not longer:
        told = _("Only an active subscription can be paused.")
        raise Refused("not_active", told, field="subscription")
    day = today(ctx)
    most = selectors.terms_now(row, at=ctx.now).longest_pause_days
    if until <= day:
        raise Invalid("in_the_past", _("Choose a day in the future."), field="until")
    if until > day + timedelta(days=most):
        last = day + timedelta(days=most)
        raise Invalid(
            "pause_too_long",
            _("A pause lasts at most %(days)s days, until %(day)s.")
            % {"days": most, "day": formats.day_text(last)},
            field="until",
            params={"latest": last.isoformat()},
        )
    rest(ctx, row, because=Subscription.Because.ASKED)
    if row.commit_months:
        counted_until = row.paused_until or day
        row.extra_days = max(row.extra_days + (until - counted_until).days, 0)
    row.paused_on, row.paused_until = row.paused_on or day, until
    keep(ctx, row, event="paused", until=until.isoformat())
    return present(ctx, row)


@command(
    "subscriptions.resume_subscription",
    label=_("Subscription resumed"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def resume_subscription(
    ctx: Context, *, subscription: str, revision: int | None = None
) -> SubscriptionView:
    """Go on before the pause is over; also after a delivery that was not paid.

    Raises ``NotFound``, ``Outdated`` and ``Refused`` (``not_paused``).
    """
    row = begin(ctx, subscription, revision=revision)
    if row.state != State.PAUSED or row.paused_until is None:
        raise Refused("not_paused", _("It is not paused."), field="subscription")
    if row.commit_months and row.because == Subscription.Because.ASKED:
        row.extra_days -= min((row.paused_until - today(ctx)).days, row.extra_days)
    wake(ctx, row)
    return present(ctx, row)
