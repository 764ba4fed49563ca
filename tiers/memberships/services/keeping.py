"""What all commands about memberships share: the lock, the bill, the status rules read, the events."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from loyalty.commands.decorator import Context, Lock
from loyalty.engine.status import Status
from loyalty.engine.statuses import write_statuses
from loyalty.outbox.services import publish
from loyalty.payments.selectors import charge
from loyalty.payments.services import cancel_charge, open_charge, refund_charge
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.memberships.models import Membership, Period, Plan
from tiers.memberships.rules import ACTIVE, HOLDING, LEAD_DAYS, PAST_DUE
from tiers.memberships.selectors import access_membership

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
        text_vi=f"Thẻ thành viên “{plan.name}”"[:200],
        text_en=f"Membership “{plan.name}”"[:200],
        merchant=row.merchant.public_id,
        due_at=due_at,
        expires_at=closes_at,
    )
    row.charge = opened.id


def drop_bill(ctx: Context, row: Membership) -> None:
    """Give the open bill up, where there is one; money that came in for it already goes back."""
    if not row.charge:
        return
    if charge(row.charge).paid_minor:
        refund_charge.within(ctx, charge=row.charge, reason="membership cancelled")
    else:
        cancel_charge.within(ctx, charge=row.charge, reason="membership")
    row.charge = ""


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


def keep(ctx: Context, row: Membership, *, event: str) -> None:
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
    write_statuses([(member, {STATUS: status})], programme=ctx.programme, at=ctx.now)


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
