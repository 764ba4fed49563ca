"""Points that wait for an event: it came (delivered, checked out), or it never will."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import NotFound
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.results import balance_views
from loyalty.engine.validity import expiry_from
from loyalty.ledger.lots import cancel_lot, waiting_lots
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.points.results import WaitingResult


@command(
    "points.confirm_waiting",
    label=_("Waiting points confirmed"),
    permission="points:confirm",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def confirm_waiting(ctx: Context, *, member: str, cause: str, event: str) -> WaitingResult:
    """The event came: what waits for it becomes available, and begins to age now.

    Args:
        cause: public id of what brought the points, such as a purchase.

    Raises ``NotFound`` where nothing (any more) waits.
    """
    return _decide(ctx, cause=cause, event=event, came=True)


@command(
    "points.cancel_waiting",
    label=_("Waiting points cancelled"),
    permission="points:confirm",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def cancel_waiting(ctx: Context, *, member: str, cause: str, event: str) -> WaitingResult:
    """The event will never come: what waits for it lapses. Raises ``NotFound``."""
    return _decide(ctx, cause=cause, event=event, came=False)


def _decide(ctx: Context, *, cause: str, event: str, came: bool) -> WaitingResult:
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    world = DatabaseWorld.within(ctx, row)
    for asset in list(world.book.accounts):
        world.book.settle(asset)
    lots = [
        lot
        for lot in waiting_lots(world.stored, cause=cause, event=event)
        if lot.is_pending and lot.remaining
    ]
    if not lots:
        raise NotFound("nothing_waits", _("Nothing of this waits for that event."), field="cause")
    world.about(cause, ctx.now)
    amount = sum(lot.remaining for lot in lots)
    for lot in lots:
        if came:
            zone = ctx.programme.timezone
            expires_at = expiry_from(lot.expiry_term).instant(ctx.now, zone)
            world.book.ripen(lot, expires_at=expires_at)
        else:
            cancel_lot(world.stored, lot)
    result = WaitingResult(
        member=row.public_id,
        cause=cause,
        event=event,
        amount=amount,
        balances=balance_views(world.book),
    )
    world.write(ctx)
    data = {"member": row.public_id, "cause": cause, "event": event, "amount": amount}
    told = "points.confirmed" if came else "points.cancelled"
    publish(ctx, told, subject=row.public_id, data=data)
    ctx.about(row.public_id, cause=cause, event=event)
    return result
