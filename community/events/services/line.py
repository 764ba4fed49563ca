"""What happens to a seat by itself: moving up, an offer that lapses, an event that is called off.

Every command here is for jobs and for what follows an event; none is a member's own.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from community.events import selectors
from community.events.models import Event, Seat
from community.events.results import SeatResult, seat_result
from community.events.rules import offer_until
from community.events.services.keeping import (
    State,
    count_attended,
    keep,
    leave_line,
    let_come,
    let_go,
    lost_its_voucher,
    seat_to_lock,
    take_places,
    the_seat,
)
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Refused
from loyalty.engine.models import Activity
from loyalty.engine.services import take_back_activity
from members.profiles.models import Member


@command(
    "events.move_up",
    label=_("Moved up from the waiting list"),
    permission="events:write",
    lock=lambda *, seat: seat_to_lock(seat),
)
def move_up(ctx: Context, *, seat: str) -> SeatResult:
    """Give who waits the free place, or hold it for them where the event asks first.

    Who cannot pay (any more), or whose card is closed, leaves the line: the next one follows.
    """
    row = the_seat(ctx, seat)
    owner = selectors.owner_of(row)
    if row.state != State.WAITING:
        return _as_it_is(row, owner)
    if owner.state != Member.State.ACTIVE:
        return _drop(ctx, owner, row, "member_not_active")
    if not take_places(ctx, row.event, row.party, in_turn=True):
        return _as_it_is(row, owner)
    leave_line(row.event)
    row.event.refresh_from_db()
    if row.event.offer_hours:
        row.state = State.OFFERED
        row.offer_until = offer_until(
            ctx.now, hours=row.event.offer_hours, starts_at=row.event.starts_at
        )
        return keep(ctx, owner, row, event="seat.offered")
    try:
        let_come(ctx, owner, row)
    except Refused as refusal:
        row.state = State.OFFERED  # the place was taken for them; it is freed again
        return _drop(ctx, owner, row, refusal.code)
    return keep(ctx, owner, row, event="seat.moved_up")


@command(
    "events.lapse_offer",
    label=_("Offered place not taken"),
    permission="events:write",
    lock=lambda *, seat: seat_to_lock(seat),
)
def lapse_offer(ctx: Context, *, seat: str) -> SeatResult:
    """An offer whose time is over: the place is for the next one."""
    row = the_seat(ctx, seat)
    owner = selectors.owner_of(row)
    if row.state != State.OFFERED or (row.offer_until or ctx.now) > ctx.now:
        return _as_it_is(row, owner)
    return _drop(ctx, owner, row, "offer_over")


@command(
    "events.void_seat",
    label=_("Ticket of a cancelled event void"),
    permission="events:write",
    lock=lambda *, seat: seat_to_lock(seat),
)
def void_seat(ctx: Context, *, seat: str) -> SeatResult:
    """Void a seat of a cancelled event; all comes back."""
    row = the_seat(ctx, seat)
    owner = selectors.owner_of(row)
    if row.state not in selectors.STANDS or row.event.state != Event.State.CANCELLED:
        return _as_it_is(row, owner)
    if row.checked_in_at is not None:
        row.checked_in_at = None
        row.save()
        take_back_activity(ctx, Activity.objects.get(public_id=row.attendance))
        count_attended(ctx, owner)
    let_go(ctx, owner, row, to=State.VOID, reason="event_cancelled", free=True)
    return keep(ctx, owner, row, event="seat.voided")


@command(
    "events.end_doubled_seat",
    label=_("Second ticket of a merged card ended"),
    permission="events:write",
    lock=lambda *, seat: seat_to_lock(seat),
)
def end_doubled_seat(ctx: Context, *, seat: str) -> SeatResult:
    """After a merge one person has one seat at an event: the weaker one ends, all comes back."""
    row = the_seat(ctx, seat)
    owner = selectors.owner_of(row)
    kept = selectors.standing_seat(row.event, owner)
    if kept is None or kept.pk == row.pk or row.checked_in_at is not None:
        return _as_it_is(row, owner)
    let_go(ctx, owner, row, to=State.CANCELLED, reason="cards_merged", free=True)
    return keep(ctx, owner, row, event="seat.cancelled")


@command(
    "events.end_ungranted_seat",
    label=_("Ticket ended with its reward, or its member"),
    permission="events:write",
    lock=lambda *, seat: seat_to_lock(seat),
)
def end_ungranted_seat(ctx: Context, *, seat: str) -> SeatResult:
    """End a ticket whose voucher's own cause was given back, or whose member is gone."""
    row = the_seat(ctx, seat)
    owner = selectors.owner_of(row)
    if row.state not in selectors.STANDS or row.checked_in_at is not None:
        return _as_it_is(row, owner)
    is_gone = owner.state == Member.State.ERASED
    if not is_gone and not (row.voucher and lost_its_voucher(ctx, owner, row)):
        return _as_it_is(row, owner)
    reason = "member_erased" if is_gone else "reward_taken_back"
    let_go(ctx, owner, row, to=State.CANCELLED, reason=reason, free=True)
    return keep(ctx, owner, row, event="seat.cancelled")


def _drop(ctx: Context, owner: Member, row: Seat, reason: str) -> SeatResult:
    let_go(ctx, owner, row, to=State.LAPSED, reason=reason, free=True)
    return keep(ctx, owner, row, event="seat.lapsed")


def _as_it_is(row: Seat, owner: Member) -> SeatResult:
    line = selectors.place_in_line(row)
    return seat_result(row, place_in_line=line, member=owner.public_id)
