"""What time does to points: warnings before they expire, and dates for those that had none."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.engine.database import DatabaseWorld
from loyalty.ledger.lots import date_lot, expiring_lots, mark_warned, undated_lots
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.points.results import DatedResult, WarnedResult
from rewards.points.selectors import settings_of, settings_row


@command(
    "points.warn_expiring",
    label=_("Warned of expiring points"),
    permission="points:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def warn_expiring(ctx: Context, *, member: str, asset: str) -> WarnedResult:
    """Publish ``points.expiring`` for what came within 30, 7 or 1 days: once at each distance."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    points = 0
    for one in expiring_lots(holder_id=row.holder_id, asset=asset, at=ctx.now):
        mark_warned(one)
        points += one.amount
        data = {
            "member": row.public_id,
            "asset": asset,
            "amount": one.amount,
            "expires_at": one.expires_at.isoformat(),
            "days": one.days,
        }
        publish(ctx, "points.expiring", subject=row.public_id, data=data)
    ctx.about(row.public_id, points=points)
    return WarnedResult(member=row.public_id, points=points)


@command(
    "points.date_old_lots",
    label=_("Points given an expiry date"),
    permission="points:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def date_old_lots(ctx: Context, *, member: str, asset: str) -> DatedResult:
    """Give points from before expiry was switched on their date: a full period after the switch."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    switched_at, expiry = settings_row(asset).expiry_switched_at, settings_of(asset).expiry
    if switched_at is None:
        return DatedResult(member=row.public_id, lots=0)
    world = DatabaseWorld.within(ctx, row)
    lots = undated_lots(world.stored, asset, before=switched_at)
    for lot in lots:
        start = max(switched_at, lot.ripens_at or switched_at)
        expires_at = expiry.instant(start, ctx.programme.timezone)
        assert expires_at is not None, "Expiry was switched on."
        date_lot(world.stored, lot, expires_at=expires_at, slides=expiry.kind == "sliding")
    world.write(ctx)
    ctx.about(row.public_id, lots=len(lots))
    return DatedResult(member=row.public_id, lots=len(lots))
