"""How a membership stops: at the end of the period, at once, or for a while."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Refused
from loyalty.payments.services import refund_charge
from tiers.memberships import selectors
from tiers.memberships.models import Membership, Period
from tiers.memberships.results import MembershipView, view_of
from tiers.memberships.rules import (
    ACTIVE,
    ENDED,
    LEAD_DAYS,
    PAUSED,
    TRIAL,
    WAITING,
    refund_minor,
)
from tiers.memberships.services.keeping import (
    drop_bill,
    keep,
    membership_to_lock,
    the_membership,
)

_BOTH = ("memberships:write", "self:memberships")


@command(
    "memberships.cancel_membership",
    label=_("Membership cancelled"),
    permission=_BOTH,
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def cancel_membership(ctx: Context, *, membership: str, at_once: bool = False) -> MembershipView:
    """Stop a membership: with its period, or ``at_once`` with what the plan gives back.

    A trial, and one that was never paid, simply ends. Raises ``NotFound`` and ``Refused``
    (``membership_ended``, ``cancelled_already``).
    """
    row = the_membership(ctx, membership)
    if row.state == ENDED:
        raise Refused("membership_ended", _("This membership has ended."), field="membership")
    if row.state == WAITING or (row.state == PAUSED and not at_once) or at_once:
        return _stop_now(ctx, row)
    if row.cancels:
        raise Refused(
            "cancelled_already", _("It ends with its period already."), field="membership"
        )
    drop_bill(ctx, row)
    row.cancels, row.due_at = True, row.ends_at
    if row.state not in (ACTIVE, TRIAL):
        return _stop_now(ctx, row)
    keep(ctx, row, event="membership.cancelled")
    return view_of(row)


def _stop_now(ctx: Context, row: Membership) -> MembershipView:
    drop_bill(ctx, row)
    back = _give_back(ctx, row)
    row.state, row.due_at, row.ended_at, row.ends_at = ENDED, None, ctx.now, ctx.now
    keep(ctx, row, event="membership.ended")
    return view_of(row, refunded_minor=back)


def _give_back(ctx: Context, row: Membership) -> int:
    """Refund of the running period what its plan promises; answers how much."""
    period = selectors.running_period(row)
    if period is None or period.kind != Period.Kind.PAID or not period.charge:
        return 0
    if period.ends_at <= ctx.now and row.state != PAUSED:
        return 0
    zone = ctx.programme.timezone
    ends_at = (
        ctx.now + timedelta(seconds=row.left_seconds) if row.state == PAUSED else period.ends_at
    )
    back = refund_minor(
        str(period.plan.refund_policy),
        period.price_minor - period.refunded_minor,
        used=selectors.has_used(row, since=period.starts_at),
        starts_on=local_day(period.starts_at, zone),
        ends_on=local_day(ends_at, zone),
        on=local_day(ctx.now, zone),
    )
    if back > 0:
        refund_charge.within(
            ctx, charge=period.charge, amount_minor=back, reason="membership cancelled"
        )
        period.refunded_minor += back
        period.save(update_fields=["refunded_minor"])
    return back


@command(
    "memberships.keep_membership",
    label=_("Cancellation of a membership taken back"),
    permission=_BOTH,
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def keep_membership(ctx: Context, *, membership: str) -> MembershipView:
    """Take a cancellation back before the period is over. What the shop gave goes on as a bought one:
    its first bill is for the time after it.

    Raises ``NotFound`` and ``Refused`` (``not_cancelled``, ``plan_not_on_offer``).
    """
    row = the_membership(ctx, membership)
    if not row.cancels or row.state not in (ACTIVE, TRIAL) or row.ends_at is None:
        raise Refused("not_cancelled", _("There is nothing to take back."), field="membership")
    if row.source == Membership.Source.GIFT or (_is_given(row) and not row.plan.renews):
        raise Refused("not_cancelled", _("There is nothing to take back."), field="membership")
    if _is_given(row):
        _take_over(row, zone=ctx.programme.timezone)
    row.cancels = False
    row.due_at = row.ends_at - timedelta(days=LEAD_DAYS) if row.plan.renews else row.ends_at
    keep(ctx, row, event="membership.kept")
    return view_of(row)


def _is_given(row: Membership) -> bool:
    return bool(row.source == Membership.Source.GRANTED)


def _take_over(row: Membership, *, zone: str) -> None:
    """From the end of what was given on it is theirs, by the plan on offer."""
    if selectors.newest_version(row.family) is None:
        raise Refused("plan_not_on_offer", _("This plan cannot be joined any more."), field="plan")
    assert row.ends_at is not None
    row.source = Membership.Source.BOUGHT
    row.anchor_on, row.number = local_day(row.ends_at, zone), 0


@command(
    "memberships.pause_membership",
    label=_("Membership paused"),
    permission=_BOTH,
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def pause_membership(ctx: Context, *, membership: str) -> MembershipView:
    """Stop the clock: no perks and no bills until it goes on; what is paid for is kept.

    Raises ``NotFound`` and ``Refused`` (``cannot_pause``).
    """
    row = the_membership(ctx, membership)
    if row.state != ACTIVE or row.cancels or row.ends_at is None or row.ends_at <= ctx.now:
        raise Refused(
            "cannot_pause", _("Only an active membership can be paused."), field="membership"
        )
    drop_bill(ctx, row)
    row.left_seconds = int((row.ends_at - ctx.now).total_seconds())
    row.state, row.due_at, row.ends_at = PAUSED, None, None
    keep(ctx, row, event="membership.paused")
    return view_of(row)


@command(
    "memberships.resume_membership",
    label=_("Membership resumed"),
    permission=_BOTH,
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def resume_membership(ctx: Context, *, membership: str) -> MembershipView:
    """Go on: the time that was left runs from now, and renewals count from where it ends.

    Raises ``NotFound`` and ``Refused`` (``not_paused``).
    """
    row = the_membership(ctx, membership)
    if row.state != PAUSED:
        raise Refused("not_paused", _("It is not paused."), field="membership")
    ends_at = ctx.now + timedelta(seconds=row.left_seconds)
    row.state, row.ends_at, row.left_seconds = ACTIVE, ends_at, 0
    # Later periods are counted from the new end: the old day of the month is history.
    row.anchor_on, row.number = local_day(ends_at, ctx.programme.timezone), 0
    row.due_at = ends_at - timedelta(days=LEAD_DAYS) if row.plan.renews else ends_at
    keep(ctx, row, event="membership.resumed")
    return view_of(row)
