"""How a membership goes on: a bill before each renewal, a period for each payment, grace, the end."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.clock import local_day
from loyalty.payments.selectors import charge as charge_view
from members.profiles.models import Member
from tiers.memberships import selectors
from tiers.memberships.models import Membership, Period, Plan
from tiers.memberships.results import MembershipView, Woken, view_of
from tiers.memberships.rules import ACTIVE, ENDED, HOLDING, PAST_DUE, PAUSED, TRIAL, WAITING
from tiers.memberships.services.keeping import (
    begin_period,
    bill,
    drop_bill,
    end,
    keep,
    look_next,
    membership_to_lock,
    next_end,
    the_membership,
)


@command(
    "memberships.begin_paid_period",
    label=_("Membership period begun"),
    permission="memberships:settle",
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def begin_paid_period(
    ctx: Context, *, membership: str, charge: str, paid_minor: int, is_late: bool = False
) -> MembershipView:
    """A bill of it was paid: the next period runs. A bill that is not its present one changes nothing,
    unless staff took late money as good (``is_late``): then it goes on, or begins anew from now.

    Where the member is in the plan by another membership, such as one joined before a gift was paid,
    the period goes on from the end of that one.

    Args:
        paid_minor: what the bill was for, in the currency's minor unit.
    """
    row = the_membership(ctx, membership)
    expected = row.charge == charge and row.state != ENDED
    if not expected and not (is_late and _counts_late(row, charge)):
        return view_of(row)
    if row.charge == charge:
        row.charge = ""
    row = _beside(ctx, row)
    drop_bill(ctx, row)
    _run_on(ctx, row, charge=charge, paid_minor=paid_minor)
    keep(ctx, row, event="membership.renewed" if row.number > 1 else "membership.began")
    return view_of(row)


def _counts_late(row: Membership, charge: str) -> bool:
    """Not for a card that is gone, and not twice for the same money."""
    bought = Period.objects.filter(charge=charge)
    kept = [one for one in bought if one.refunded_minor < one.price_minor]
    return bool(row.member.state == Member.State.ACTIVE and not kept)


def _beside(ctx: Context, row: Membership) -> Membership:
    """The membership the money counts for; at most one of the member's in a plan goes on."""
    for one in selectors.beside(row):
        if one.state == WAITING:
            end(ctx, one, why="not_paid")
            continue
        if row.state != ENDED:
            end(ctx, row, why="counted_elsewhere")
        return one
    return row


def _run_on(ctx: Context, row: Membership, *, charge: str, paid_minor: int) -> None:
    plan = selectors.newest_version(row.family) or row.plan
    last, stands_still = selectors.last_period(row), row.state == PAUSED
    if row.state in (WAITING, ENDED):
        row.cancels = row.source == Membership.Source.GIFT
        row.anchor_on, row.number = local_day(ctx.now, ctx.programme.timezone), 0
        row.ends_at, row.ended_at = None, None
    elif stands_still and last is not None:
        row.ends_at = last.ends_at
    starts_at = row.ends_at or ctx.now
    ends_at = next_end(ctx, row, plan)
    begin_period(
        ctx,
        row,
        plan,
        kind=Period.Kind.PAID,
        starts_at=starts_at,
        ends_at=ends_at,
        price_minor=paid_minor,
        paid_by=charge,
    )
    if stands_still:
        row.left_seconds += int((ends_at - starts_at).total_seconds())
        row.ends_at = None
        return
    row.state = ACTIVE
    look_next(row)


@command(
    "memberships.look_after",
    label=_("Membership looked after"),
    permission="memberships:settle",
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def look_after(ctx: Context, *, membership: str) -> MembershipView:
    """Do what is due: open the bill of the next period, mark it overdue, end it. Safe to repeat."""
    row = the_membership(ctx, membership)
    if row.due_at is None or row.due_at > ctx.now or row.state in (ENDED, PAUSED):
        return view_of(row)
    bill_now = charge_view(row.charge) if row.charge else None
    if bill_now is not None and bill_now.is_settled and bill_now.attention != "late":
        # Paid, and the news of it is still on its way.
        return begin_paid_period.within(
            ctx, membership=membership, charge=row.charge, paid_minor=bill_now.amount_minor
        )
    if row.state == WAITING:
        return _end(ctx, row, why="not_paid")
    assert row.ends_at is not None
    newest = selectors.newest_version(row.family)
    if row.ends_at <= ctx.now and (row.cancels or not row.plan.renews or newest is None):
        return _end(ctx, row, why="cancelled" if row.cancels else "over")
    if newest is None and row.plan.renews and not row.cancels:
        return _ends_with_period(ctx, row, why="plan_ended")
    if row.cancels or not row.plan.renews or newest is None:
        row.due_at = row.ends_at
        row.save(update_fields=["due_at"])
        return view_of(row)
    if newest.price_minor == 0:
        return _go_on_free(ctx, row, newest)
    return _ask_for_money(ctx, row, newest)


def _ask_for_money(ctx: Context, row: Membership, newest: Plan) -> MembershipView:
    assert row.ends_at is not None
    grace_until = row.ends_at + timedelta(days=newest.grace_days)
    if not row.charge:
        bill(ctx, row, newest, payer=row.giver or row.member, due_at=max(row.ends_at, ctx.now))
        if ctx.now < row.ends_at:
            row.due_at = row.ends_at
            keep(ctx, row, event="membership.payment_due")
            return view_of(row)
    if ctx.now < row.ends_at:  # looked at before its time, such as after the plan changed
        row.due_at = row.ends_at
        row.save(update_fields=["due_at"])
        return view_of(row)
    if ctx.now >= grace_until:
        return _end(ctx, row, why="not_paid")
    if row.state == TRIAL:
        # Nothing was ever paid: the bill waits through the days of grace, the perks do not.
        row.state, row.ends_at = WAITING, None
    else:
        row.state = PAST_DUE
    row.due_at = grace_until
    keep(ctx, row, event="membership.past_due")
    return view_of(row)


def _go_on_free(ctx: Context, row: Membership, newest: Plan) -> MembershipView:
    assert row.ends_at is not None
    if row.ends_at > ctx.now:
        row.due_at = row.ends_at
        row.save(update_fields=["due_at"])
        return view_of(row)
    drop_bill(ctx, row)
    starts_at = row.ends_at
    ends_at = next_end(ctx, row, newest)
    row.state = ACTIVE
    begin_period(ctx, row, newest, kind=Period.Kind.PAID, starts_at=starts_at, ends_at=ends_at)
    row.due_at = ends_at
    keep(ctx, row, event="membership.renewed")
    return view_of(row)


@command(
    "memberships.bill_was_cancelled",
    label=_("Bill of a membership was cancelled"),
    permission="memberships:settle",
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def bill_was_cancelled(
    ctx: Context, *, membership: str, charge: str, reason: str = ""
) -> MembershipView:
    """Staff gave its open bill up, or its time is over: what never began or is overdue ends now, what
    runs ends with its period. Taking that back (``keep_membership``) opens a new bill.
    """
    row = the_membership(ctx, membership)
    if row.charge != charge or row.state == ENDED:
        return view_of(row)
    row.charge = ""
    if row.state in (WAITING, PAST_DUE):
        return _end(ctx, row, why="not_paid" if reason == "expired" else "bill_cancelled")
    return _ends_with_period(ctx, row, why="bill_cancelled")


@command(
    "memberships.wake",
    label=_("Memberships of a plan looked at again"),
    permission="memberships:settle",
)
def wake(ctx: Context, *, family: str) -> Woken:
    """A plan ended: the next job tells everybody in it that theirs ends with what they paid for."""
    rows = Membership.objects.filter(family=family, state__in=HOLDING, cancels=False)
    woken = rows.filter(ends_at__gt=ctx.now).update(due_at=ctx.now)
    ctx.about(family, woken=woken)
    return Woken(family=family, woken=woken)


def _ends_with_period(ctx: Context, row: Membership, *, why: str) -> MembershipView:
    drop_bill(ctx, row)
    row.cancels, row.due_at = True, row.ends_at
    keep(ctx, row, event="membership.cancelled", why=why)
    return view_of(row)


def _end(ctx: Context, row: Membership, *, why: str) -> MembershipView:
    end(ctx, row, why=why)
    return view_of(row)
