"""How a membership stops: at the end of the period, at once, or for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Refused
from loyalty.payments.selectors import access_charge, refundable_minor
from loyalty.payments.services import refund_charge
from tiers.memberships import selectors
from tiers.memberships.models import Membership, Period
from tiers.memberships.results import MembershipView, view_of
from tiers.memberships.rules import (
    ACTIVE,
    ENDED,
    PAUSED,
    TRIAL,
    WAITING,
)
from tiers.memberships.services.keeping import (
    count_from,
    drop_bill,
    end,
    keep,
    look_next,
    membership_to_lock,
    the_membership,
    unused,
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
    row.ends_at = ctx.now
    end(ctx, row, why="cancelled")
    return view_of(row, refunded_minor=back)


def _give_back(ctx: Context, row: Membership) -> int:
    """Refund what was paid and not had: of the running period what its plan promises, of one that was
    paid before it began all; never more than is left on the bill. Answers how much.
    """
    back = 0
    for period, worth_minor in unused(ctx, row):
        left_minor = refundable_minor(access_charge(period.charge))
        amount = min(worth_minor, left_minor)
        if amount > 0:
            refund_charge.within(
                ctx,
                charge=period.charge,
                amount_minor=amount,
                reason="membership cancelled",
                by_itself=True,
            )
            period.refunded_minor += amount
            period.save(update_fields=["refunded_minor"])
            back += amount
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
    sold = selectors.version_on_offer if _is_given(row) else selectors.newest_version
    if row.plan.renews and sold(row.family) is None:
        raise Refused("plan_not_on_offer", _("This plan has ended."), field="plan")
    if _is_given(row):
        # From the end of what was given on it is theirs, by the plan on offer.
        row.source = Membership.Source.BOUGHT
        count_from(ctx, row, row.ends_at)
    row.cancels = False
    look_next(row)
    keep(ctx, row, event="membership.kept")
    return view_of(row)


def _is_given(row: Membership) -> bool:
    return bool(row.source == Membership.Source.GRANTED)


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
    row.left_seconds = ceil((row.ends_at - ctx.now).total_seconds())
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
    paused_at = selectors.stands_at(row, at=ctx.now)
    # Later periods are counted from the new end: the old day of the month is history.
    count_from(ctx, row, ctx.now + timedelta(seconds=row.left_seconds))
    for period in selectors.periods_left(row, at=paused_at):
        _stood_still(period, since=paused_at, until=ctx.now)
    row.state, row.left_seconds = ACTIVE, 0
    look_next(row)
    keep(ctx, row, event="membership.resumed")
    return view_of(row)


def _stood_still(period: Period, *, since: datetime, until: datetime) -> None:
    away = until - since
    if period.starts_at > since:
        period.starts_at += away
    else:
        period.paused_seconds += int(away.total_seconds())
    period.ends_at += away
    period.save(update_fields=["starts_at", "ends_at", "paused_seconds"])
