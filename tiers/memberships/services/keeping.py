"""What all commands about memberships share: the lock, the bill, the status rules read, the events."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from loyalty.commands.decorator import Context, Lock
from loyalty.common.clock import local_day, start_of_day
from loyalty.common.naming import told
from loyalty.engine.database import return_to_budget
from loyalty.engine.status import Status
from loyalty.engine.statuses import write_statuses
from loyalty.outbox.services import publish
from loyalty.payments.selectors import charge
from loyalty.payments.services import drop_charge, open_charge, refund_charge
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.memberships.models import Membership, Period, Plan
from tiers.memberships.rules import (
    ACTIVE,
    ENDED,
    HOLDING,
    LEAD_DAYS,
    PAST_DUE,
    on_the_day,
    period_end,
    refund_minor,
)
from tiers.memberships.selectors import access_membership, has_used, periods_left, stands_at

CHARGE_KIND = "memberships.period"
STATUS = "memberships"


def membership_to_lock(membership: str) -> Lock:
    """The member (with the holder) whose membership it is: one change of a member at a time."""
    rows = Membership.objects.filter(public_id=membership)
    return member_to_lock(rows.values_list("member__public_id", flat=True).first() or "")


def the_membership(ctx: Context, membership: str) -> Membership:
    """The membership of the locked member, as it is now. Raises ``NotFound``."""
    ctx.the_locked(Member, code="membership_not_found", field="membership")
    return access_membership(membership)


def bill(ctx: Context, row: Membership, plan: Plan, *, payer: Member, due_at: datetime) -> None:
    """Open the bill of the next period; it stands until the days of grace are over."""
    closes_at = max(due_at, ctx.now) + timedelta(days=plan.grace_days or LEAD_DAYS)
    opened = open_charge.within(
        ctx,
        member=payer.public_id,
        amount_minor=plan.price_minor,
        kind=CHARGE_KIND,
        subject=row.public_id,
        text_vi=f"Thẻ thành viên “{told(plan.name, 'vi')}”"[:200],
        text_en=f"Membership “{told(plan.name, 'en')}”"[:200],
        merchant=row.merchant.public_id,
        due_at=due_at,
        expires_at=closes_at,
    )
    row.charge = opened.id


def drop_bill(ctx: Context, row: Membership) -> None:
    """Give the open bill up, where there is one; money that came in for it already goes back."""
    if not row.charge:
        return
    bill = charge(row.charge)
    if bill.is_settled and bill.attention != "late" and bill.paid_minor > bill.refunded_minor:
        # Paid, and the news of it is still on its way: it buys nothing any more.
        refund_charge.within(ctx, charge=row.charge, reason="membership cancelled", by_itself=True)
    drop_charge.within(ctx, charge=row.charge, reason="membership")
    row.charge = ""


def next_end(ctx: Context, row: Membership, plan: Plan) -> datetime:
    """One period more: counts it and answers when it is over.

    All periods are counted from one day, so that the 31st comes back after February. Where the plan's
    periods have another length than the last one, they are counted from its end.
    """
    zone = ctx.programme.timezone
    past_midnight = timedelta(0)
    if row.ends_at is not None:
        last_day = local_day(row.ends_at, zone)
        # After a pause it may end at any hour: a period paid for is as long as any other.
        past_midnight = row.ends_at - start_of_day(last_day, zone)
        was, now = row.plan, plan
        if row.number and (was.period_count, was.period_unit) != (
            now.period_count,
            now.period_unit,
        ):
            row.anchor_on, row.number = last_day, 0
    row.number += 1
    ends_at = period_end(
        anchor_on=row.anchor_on,
        number=row.number,
        count=plan.period_count,
        unit=str(plan.period_unit),
        zone=zone,
    )
    return ends_at + past_midnight


def count_from(ctx: Context, row: Membership, ends_at: datetime) -> None:
    """It runs until an instant that no plan gave: later periods are counted from there."""
    row.ends_at = on_the_day(ends_at, ctx.programme.timezone)
    row.anchor_on, row.number = local_day(row.ends_at, ctx.programme.timezone), 0


def look_next(row: Membership) -> None:
    """When a job must look at it: before the end where it renews, else at the end."""
    goes_on = row.plan.renews and not row.cancels and row.ends_at is not None
    row.due_at = row.ends_at - timedelta(days=LEAD_DAYS) if goes_on and row.ends_at else row.ends_at


def unused(ctx: Context, row: Membership) -> list[tuple[Period, int]]:
    """What of its paid periods was not had, by the policy of the plan they were paid under; a period
    that did not begin yet is worth all of it under any policy.
    """
    at, zone, found = stands_at(row, at=ctx.now), ctx.programme.timezone, []
    for period in periods_left(row, at=at):
        if period.kind != Period.Kind.PAID or not period.charge:
            continue
        paid_minor = period.price_minor - period.refunded_minor
        worth_minor = refund_minor(
            str(period.plan.refund_policy),
            paid_minor,
            used=has_used(row, since=period.starts_at),
            starts_on=local_day(period.starts_at, zone),
            ends_on=local_day(period.ends_at, zone),
            on=local_day(at, zone),
            paused_days=period.paused_seconds // 86_400,
        )
        found.append((period, paid_minor if period.starts_at > at else worth_minor))
    return found


def begin_period(
    ctx: Context,
    row: Membership,
    plan: Plan,
    *,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    price_minor: int = 0,
    paid_by: str = "",
) -> Period:
    """The membership runs on, under this version of the plan."""
    last = Period.objects.filter(membership=row).order_by("-number").first()
    made: Period = Period.objects.create(
        programme=ctx.programme,
        membership=row,
        plan=plan,
        number=last.number + 1 if last else 1,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        price_minor=price_minor,
        charge=paid_by,
    )
    row.plan, row.ends_at = plan, ends_at
    return made


def end(ctx: Context, row: Membership, *, why: str) -> None:
    """It is over now; its open bill is given up. A place that was never paid for is free again."""
    drop_bill(ctx, row)
    row.state, row.due_at, row.ended_at = ENDED, None, ctx.now
    keep(ctx, row, event="membership.ended", why=why)
    if row.source != Membership.Source.GRANTED and not row.periods.exists():
        return_to_budget(row.plan.public_id, 1)
    data = {"membership": row.public_id, "member": row.member.public_id, "why": why}
    publish(ctx, "membership.over", subject=row.member.public_id, data=data)


def keep(ctx: Context, row: Membership, *, event: str, **more: object) -> None:
    """Write the membership and the member's status, and tell what happened."""
    fresh = row.pk is None
    row.revision += 0 if fresh else 1
    row.save(force_insert=fresh)
    sync_status(ctx, row.member)
    data = {
        "membership": row.public_id,
        "member": row.member.public_id,
        "plan": row.plan.public_id,
        "code": row.plan.code,
        "state": str(row.state),
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        **more,
    }
    publish(ctx, event, subject=row.member.public_id, data=data)
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state))


def sync_status(ctx: Context, member: Member) -> None:
    """What the member holds now, as rules and prices read it."""
    running = Membership.objects.select_related("plan").filter(
        member=member, state__in=HOLDING, ends_at__isnull=False
    )
    plans = [_held(one) for one in running.order_by(F("plan__priority").desc(), "id")]
    codes = " ".join(sorted({str(one["code"]) for one in plans}))[:60]
    status = Status(value=codes, since=ctx.now, data={"plans": plans})
    write_statuses([(member, {STATUS: status})], at=ctx.now)


def _held(row: Membership) -> dict[str, object]:
    assert row.ends_at is not None
    until = row.ends_at
    if row.state in (ACTIVE, PAST_DUE) and row.plan.renews and not row.cancels:
        # Perks go on through the days of grace, so that nobody stands there without by a minute.
        until += timedelta(days=row.plan.grace_days)
    return {
        "membership": row.public_id,
        "plan": row.plan.public_id,
        "family": row.family,
        "code": row.plan.code,
        "until": until.isoformat(),
        "protects": row.plan.protects_tier,
    }
