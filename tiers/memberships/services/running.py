"""How a membership goes on: a bill before each renewal, a period for each payment, grace, the end."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.clock import local_day
from loyalty.outbox.services import publish
from loyalty.payments.selectors import charge as charge_view
from tiers.memberships import selectors
from tiers.memberships.models import Membership, Period, Plan
from tiers.memberships.results import MembershipView, view_of
from tiers.memberships.rules import ACTIVE, ENDED, LEAD_DAYS, PAST_DUE, PAUSED, WAITING, period_end
from tiers.memberships.services.keeping import (
    begin_period,
    bill,
    drop_bill,
    keep,
    membership_to_lock,
    the_membership,
)


@command(
    "memberships.begin_paid_period",
    label=_("Membership period begun"),
    permission="memberships:settle",
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def begin_paid_period(
    ctx: Context, *, membership: str, charge: str, paid_minor: int
) -> MembershipView:
    """A bill of it was paid: the next period runs. A bill that is not its present one changes nothing.

    Args:
        paid_minor: what the bill was for, in the currency's minor unit.
    """
    row = the_membership(ctx, membership)
    if row.charge != charge or row.state == ENDED:
        return view_of(row)
    plan = selectors.newest_version(row.family) or row.plan
    zone = ctx.programme.timezone
    if row.state == WAITING:
        row.anchor_on, row.number = local_day(ctx.now, zone), 0
        starts_at = ctx.now
    else:
        starts_at = row.ends_at or ctx.now
    row.number += 1
    ends_at = period_end(
        anchor_on=row.anchor_on,
        number=row.number,
        count=plan.period_count,
        unit=str(plan.period_unit),
        zone=zone,
    )
    row.state, row.charge = ACTIVE, ""
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
    row.due_at = ends_at if row.cancels or not plan.renews else ends_at - timedelta(days=LEAD_DAYS)
    keep(ctx, row, event="membership.renewed" if row.number > 1 else "membership.began")
    return view_of(row)


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
    if row.charge and charge_view(row.charge).is_settled:
        # Paid, and the news of it is still on its way.
        paid_minor = charge_view(row.charge).amount_minor
        return begin_paid_period.within(
            ctx, membership=membership, charge=row.charge, paid_minor=paid_minor
        )
    if row.state == WAITING:
        return _end(ctx, row, why="not_paid")
    assert row.ends_at is not None
    newest = selectors.newest_version(row.family)
    if row.cancels or not row.plan.renews or newest is None:
        if row.ends_at <= ctx.now:
            return _end(ctx, row, why="cancelled" if row.cancels else "over")
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
    if ctx.now >= grace_until:
        return _end(ctx, row, why="not_paid")
    row.state, row.due_at = PAST_DUE, grace_until
    keep(ctx, row, event="membership.past_due")
    return view_of(row)


def _go_on_free(ctx: Context, row: Membership, newest: Plan) -> MembershipView:
    assert row.ends_at is not None
    if row.ends_at > ctx.now:
        row.due_at = row.ends_at
        row.save(update_fields=["due_at"])
        return view_of(row)
    row.number += 1
    ends_at = period_end(
        anchor_on=row.anchor_on,
        number=row.number,
        count=newest.period_count,
        unit=str(newest.period_unit),
        zone=ctx.programme.timezone,
    )
    row.state = ACTIVE
    begin_period(ctx, row, newest, kind=Period.Kind.PAID, starts_at=row.ends_at, ends_at=ends_at)
    row.due_at = ends_at
    keep(ctx, row, event="membership.renewed")
    return view_of(row)


def _end(ctx: Context, row: Membership, *, why: str) -> MembershipView:
    drop_bill(ctx, row)
    row.state, row.due_at, row.ended_at = ENDED, None, ctx.now
    keep(ctx, row, event="membership.ended")
    data = {"membership": row.public_id, "member": row.member.public_id, "why": why}
    publish(ctx, "membership.over", subject=row.member.public_id, data=data)
    return view_of(row)
