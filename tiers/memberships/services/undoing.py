"""What follows for a membership when its money went back, or its card is gone."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.payments.services import ask_to_look
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.memberships import selectors
from tiers.memberships.models import Membership, Period
from tiers.memberships.results import MembershipView, Moved, view_of
from tiers.memberships.rules import ENDED, PAUSED
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


@command(
    "memberships.money_went_back",
    label=_("Payment of a membership was refunded"),
    permission="memberships:settle",
    lock=lambda *, membership, **_rest: membership_to_lock(membership),
)
def money_went_back(
    ctx: Context, *, membership: str, charge: str, refund_minor: int, is_whole: bool
) -> MembershipView:
    """Staff gave money of a period back. A part of it changes nothing but the books; all of it takes
    the period away: the running one ends now, one that was paid ahead does not come.

    Args:
        refund_minor: what went back now; ``is_whole``: nothing of the bill is left here.
    """
    row = the_membership(ctx, membership)
    period = Period.objects.filter(membership=row, charge=charge).order_by("-number").first()
    if row.state == ENDED or period is None:
        return view_of(row)
    period.refunded_minor = min(period.price_minor, period.refunded_minor + refund_minor)
    period.save(update_fields=["refunded_minor"])
    at = selectors.stands_at(row, at=ctx.now)
    if is_whole and period.ends_at > at:
        lost = period.ends_at - max(period.starts_at, at)
        was_last = _take_away(row, period, lost)
        _without(ctx, row, lost, was_last=was_last)
    ctx.about(row.public_id, member=row.member.public_id, refund_minor=refund_minor)
    return view_of(row)


def _take_away(row: Membership, period: Period, lost: timedelta) -> bool:
    """What was paid after it moves up. Was it the last?"""
    later = list(Period.objects.filter(membership=row, number__gt=period.number))
    period.ends_at -= lost
    period.save(update_fields=["ends_at"])
    for one in later:
        one.starts_at, one.ends_at = one.starts_at - lost, one.ends_at - lost
        one.save(update_fields=["starts_at", "ends_at"])
    return not later


def _without(ctx: Context, row: Membership, lost: timedelta, *, was_last: bool) -> None:
    drop_bill(ctx, row)
    if row.state == PAUSED:
        row.left_seconds -= int(lost.total_seconds())
        if row.left_seconds <= 0:
            end(ctx, row, why="refunded")
            return
        keep(ctx, row, event="membership.changed")
        return
    assert row.ends_at is not None
    ends_at = row.ends_at - lost
    if ends_at <= ctx.now:
        row.ends_at = ctx.now
        end(ctx, row, why="refunded")
        return
    if was_last:  # it goes back to the day of the month it was counted from
        row.ends_at, row.number = ends_at, max(row.number - 1, 0)
        row.cancels = True
    else:
        count_from(ctx, row, ends_at)
    look_next(row)
    keep(ctx, row, event="membership.cancelled" if was_last else "membership.changed")


@command(
    "memberships.end_all",
    label=_("Memberships of an erased card ended"),
    permission="memberships:settle",
    lock=lambda *, member: member_to_lock(member),
)
def end_all(ctx: Context, *, member: str) -> Moved:
    """A card was erased: its memberships end and nothing is billed any more.

    Money is not sent back by itself, for nobody is there to take it: where the plan would have given
    some back, the bill asks staff to look. Raises ``NotFound``.
    """
    person = ctx.the_locked(Member, code="member_not_found", field="member")
    ended = 0
    for row in selectors.memberships_of(person):
        left = [period for period, worth_minor in unused(ctx, row) if worth_minor > 0]
        if row.state != PAUSED:
            row.ends_at = min(row.ends_at or ctx.now, ctx.now)
        end(ctx, row, why="erased")
        for period in left:
            ask_to_look.within(ctx, charge=period.charge)
        ended += 1
    ctx.about(person.public_id, ended=ended)
    return Moved(member=person.public_id, memberships=ended)
