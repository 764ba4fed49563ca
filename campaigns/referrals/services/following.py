"""What follows a friend's purchases and refunds after commit, and what becomes due by itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from campaigns.referrals.models import Referral
from campaigns.referrals.results import ReferralView, referral_view
from campaigns.referrals.rules.terms import WELCOMED
from campaigns.referrals.services.keeping import (
    State,
    follow_status,
    friend_to_lock,
    hold_if_wrong,
    keep,
    the_referral,
    withdraw,
)
from loyalty.commands.decorator import Context, command
from loyalty.engine.services import record_activity


@command(
    "referrals.follow_purchase",
    label=_("Referral follows a purchase"),
    permission="referrals:settle",
    lock=lambda *, referral, **_rest: friend_to_lock(referral),
)
def follow_purchase(ctx: Context, *, referral: str, returned: str = "") -> ReferralView:
    """Take over what the friend's purchases say by now; pay at once what need not wait.

    Args:
        returned: the purchase that came back, where one did: of a merged card it says nothing in
            the living card's status.
    """
    row = the_referral(ctx, referral)
    before = (row.state, row.purchase)
    event = follow_status(ctx, row)
    stands = row.state in (State.BOUGHT, State.HELD, State.PAID)
    if returned and returned == row.purchase and stands:
        event = withdraw(ctx, row)
    if (row.state, row.purchase) != before:
        keep(ctx, row, event=event)
    _settle(ctx, row)
    return referral_view(row)


@command(
    "referrals.look_after_referral",
    label=_("Referral due"),
    permission="referrals:settle",
    lock=lambda *, referral, **_rest: friend_to_lock(referral),
)
def look_after_referral(ctx: Context, *, referral: str) -> ReferralView:
    """Do what is due: pay what stood its days, end what was not bought in time.

    Raises ``Refused`` (``member_not_active``) while the friend's card is on hold.
    """
    row = the_referral(ctx, referral)
    before = (row.state, row.purchase)
    event = follow_status(ctx, row)
    if (row.state, row.purchase) != before:
        keep(ctx, row, event=event)
    is_due = row.due_at is not None and row.due_at <= ctx.now
    if is_due and row.state in (State.JOINED, State.WITHDRAWN):
        row.state, row.due_at, row.ended_at = State.EXPIRED, None, ctx.now
        keep(ctx, row, event="referral.expired")
    _settle(ctx, row)
    return referral_view(row)


def _settle(ctx: Context, row: Referral) -> None:
    if row.state != State.BOUGHT or row.due_at is None or row.due_at > ctx.now:
        return
    hold_if_wrong(row)
    if row.state == State.HELD:
        keep(ctx, row, event="referral.held")
        return
    pay_friend(ctx, row)


def pay_friend(ctx: Context, row: Referral) -> None:
    """Pay the friend; what follows ``referral.paid`` pays who invited them."""
    done = record_activity.within(
        ctx,
        member=row.friend.public_id,
        type=WELCOMED,
        key=row.public_id,
        data={"referral": row.public_id, "rule": row.rule.public_id},
    )
    row.due_at = None
    if any(one.kind == "welcome_friend" for one in done.effects):
        row.state, row.paid_at = State.PAID, ctx.now
        keep(ctx, row, event="referral.paid")
        return
    row.state, row.why, row.ended_at = State.REJECTED, Referral.Why.BUDGET, ctx.now
    keep(ctx, row, event="referral.rejected", why=str(row.why))
