"""How a subscription ends: now, with what leaving early costs, or when the committed time is over."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Refused
from loyalty.common.naming import told
from loyalty.payments.services import ask_to_look, open_charge
from loyalty.web import formats
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.subscriptions import selectors
from tiers.subscriptions.models import Order, Subscription
from tiers.subscriptions.results import LookedAfter, SubscriptionView
from tiers.subscriptions.services.baskets import begin
from tiers.subscriptions.services.keeping import (
    BOTH,
    LEAVING_BILL,
    OrderState,
    drop_bill,
    give_back,
    keep,
    present,
    subscription_to_lock,
    sync_status,
    the_subscription,
)
from tiers.subscriptions.services.running import end

PAY_WITHIN = timedelta(days=14)


@command(
    "subscriptions.cancel_subscription",
    label=_("Subscription cancelled"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def cancel_subscription(
    ctx: Context,
    *,
    subscription: str,
    at_end: bool = False,
    revision: int | None = None,
) -> SubscriptionView:
    """End a subscription: at once, or ``at_end`` of the committed time.

    At once, what was paid ahead and not delivered goes back, and the offer's policy for early leavers
    is applied (``refunded_minor``, ``charged_minor``). A delivery that is closed already still comes.

    Raises ``NotFound``, ``Outdated`` and ``Refused`` (``subscription_ended``, ``must_stay``,
    ``stops_already``).
    """
    row = begin(ctx, subscription, revision=revision)
    known = selectors.leaving(row, at=ctx.now)
    if at_end and known.is_bound:
        if row.stops_on is not None:
            raise Refused("stops_already", _("It ends by itself already."), field="subscription")
        row.stops_on = known.committed_until
        assert row.stops_on is not None
        keep(ctx, row, event="changed", stops_on=row.stops_on.isoformat())
        return present(ctx, row)
    if not known.may_leave:
        assert known.committed_until is not None
        day = known.committed_until
        told = _("It is committed until %(day)s. You can let it end then.") % {
            "day": formats.day_text(day)
        }
        raise Refused("must_stay", told, field="subscription", params={"until": day.isoformat()})
    bill = _charge(ctx, row, known.charge_minor) if known.charge_minor else ""
    back = 0
    if known.refund_minor:
        back = give_back(
            ctx, row.charge, amount_minor=known.refund_minor, reason="subscription cancelled"
        )
    # What of it is kept pays the difference: nothing more goes back.
    row.ahead_left = 0
    end(ctx, row, because=Subscription.Because.ASKED)
    return present(
        ctx,
        row,
        refunded_minor=back,
        charged_minor=known.charge_minor,
        charge=bill,
    )


def _charge(ctx: Context, row: Subscription, amount_minor: int) -> str:
    opened = open_charge.within(
        ctx,
        member=row.member.public_id,
        amount_minor=amount_minor,
        kind=LEAVING_BILL,
        subject=row.public_id,
        text_vi=f"{told(row.offer.name, 'vi')}: phần chênh lệch khi kết thúc sớm"[:200],
        text_en=f"{told(row.offer.name, 'en')}: difference for leaving early"[:200],
        merchant=row.merchant.public_id,
        due_at=ctx.now + PAY_WITHIN,
    )
    return opened.id


@command(
    "subscriptions.keep_subscription",
    label=_("End of a subscription taken back"),
    permission=BOTH,
    lock=subscription_to_lock,
)
def keep_subscription(
    ctx: Context, *, subscription: str, revision: int | None = None
) -> SubscriptionView:
    """Go on after the committed time after all. Raises ``NotFound``, ``Outdated``, ``Refused``."""
    row = begin(ctx, subscription, revision=revision)
    if row.stops_on is None:
        raise Refused("not_stopping", _("There is nothing to take back."), field="subscription")
    row.stops_on = None
    keep(ctx, row, event="changed")
    return present(ctx, row)


@command(
    "subscriptions.end_all",
    label=_("Subscriptions of an erased card ended"),
    permission="subscriptions:settle",
    lock=lambda *, member: member_to_lock(member),
)
def end_all(ctx: Context, *, member: str) -> LookedAfter:
    """A card was erased: its subscriptions end, and what is not packed does not come: nobody knows any
    more where to bring it.

    What was paid ahead and not delivered goes back; for one delivery that is paid, the bill asks staff
    to look. Raises ``NotFound``.
    """
    person = ctx.the_locked(Member, code="member_not_found", field="member")
    closed = 0
    for row in selectors.subscriptions_of(person):
        end(ctx, row, because=Subscription.Because.ERASED)
        closed += 1
    unpacked = (OrderState.LOCKED, OrderState.PAID)
    for order in selectors.orders().filter(member=person, state__in=unpacked):
        if order.paid_at is None:
            drop_bill(ctx, order.charge)
        elif order.charge:
            ask_to_look.within(ctx, charge=order.charge)
        order.state, order.because = OrderState.CANCELLED, Order.Because.ENDED
        order.save()
    ctx.about(person.public_id, ended=closed)
    return LookedAfter(member=person.public_id, closed=0, failed=0)


@command(
    "subscriptions.ahead_went_back",
    label=_("Deliveries paid ahead were refunded"),
    permission="subscriptions:settle",
    lock=subscription_to_lock,
)
def ahead_went_back(ctx: Context, *, subscription: str, charge: str) -> SubscriptionView:
    """Staff gave the whole bill of a time ahead back: nothing of it comes any more."""
    row = the_subscription(ctx, subscription)
    if row.charge == charge and row.ahead_left:
        row.ahead_left = 0
        end(ctx, row, because=Subscription.Because.ASKED)
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state))
    return present(ctx, row)


@command(
    "subscriptions.hand_over",
    label=_("Subscriptions moved to another card"),
    permission="subscriptions:settle",
    lock=lambda *, to, of, **_rest: Lock(
        rows=Member.objects.select_related("holder").filter(public_id__in=[to, of]),
        of=("self", "holder"),
    ),
)
def hand_over(ctx: Context, *, to: str, of: str, back: bool = False) -> LookedAfter:
    """Two cards became one (or, ``back``, two again): subscriptions and deliveries go along."""
    both = {one.public_id: one for one in ctx.locked if isinstance(one, Member)}
    person = both[to]
    rows = selectors.subscriptions().filter(member__public_id=of)
    if back:
        rows = rows.filter(original=person)
    for row in rows:
        row.original = None if back else (row.original or row.member)
        row.member = person
        row.save(update_fields=["member", "original"])
        Order.objects.filter(subscription=row).update(member=person)
    for one in both.values():
        sync_status(ctx, one)
    ctx.about(person.public_id, of=of)
    return LookedAfter(member=person.public_id, closed=0, failed=0)
