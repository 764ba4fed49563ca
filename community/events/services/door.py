"""At the door: a ticket lets in once; what was ticked by mistake is taken back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from community.events import selectors
from community.events.models import Event, Seat
from community.events.results import SeatResult, seat_result
from community.events.rules import normal_code
from community.events.services.keeping import (
    AT_THE_DOOR,
    ATTENDED,
    State,
    active,
    count_attended,
    keep,
    seat_to_lock,
    told,
)
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import NotFound, Refused
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity, take_back_activity
from loyalty.web import formats
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


def _ticket_to_lock(*, code: str = "", seat: str = "") -> Lock:
    if seat:
        return seat_to_lock(seat)
    wanted = normal_code(code)
    row = Seat.objects.filter(code=wanted).first() if wanted else None
    return seat_to_lock(row.public_id if row else "")


@command(
    "events.check_in",
    label=_("Let in at an event"),
    permission=AT_THE_DOOR,
    lock=lambda *, code="", seat="", **_rest: _ticket_to_lock(code=code, seat=seat),
)
def check_in(ctx: Context, *, code: str = "", seat: str = "", event: str = "") -> SeatResult:
    """Let a ticket in, once, by its code (scanned) or its id (from the list).

    Args:
        event: the event at whose door this is; empty for any.

    Raises ``NotFound``, ``Refused`` (``in_already`` with the time, ``ticket_of_another_event``,
    ``ticket_cancelled``, ``no_ticket_yet``, ``event_cancelled``, ``door_closed``, ``member_not_active``).
    """
    row = _the_ticket(ctx, code=code, seat=seat)
    owner = selectors.owner_of(row)
    _may_enter(ctx, row, event)
    active(owner)
    row.checked_in_at, row.checked_in_by = ctx.now, ctx.actor.label[:200]
    row.check_ins += 1
    row.save()
    count_attended(ctx, owner)
    done = record_activity.within(
        ctx,
        member=owner.public_id,
        type=ATTENDED,
        key=f"{row.public_id}:{row.check_ins}",
        data=told(row),
    )
    row.attendance = done.activity
    return keep(ctx, owner, row, event="seat.checked_in")


@command(
    "events.undo_check_in",
    label=_("Let in by mistake at an event"),
    permission=AT_THE_DOOR,
    lock=lambda *, seat: seat_to_lock(seat),
)
def undo_check_in(ctx: Context, *, seat: str) -> SeatResult:
    """They were not there after all: what it gave is taken back, the ticket is good again.

    Raises ``NotFound``, ``Refused`` (``not_in``).
    """
    if not ctx.locked:
        raise selectors.no_ticket()
    row = selectors.access_seat(seat)
    owner = selectors.owner_of(row)
    if row.checked_in_at is None:
        raise Refused("not_in", _("They are not in."), field="seat")
    row.checked_in_at, row.checked_in_by = None, ""
    row.save()
    if row.attendance:
        take_back_activity(ctx, Activity.objects.get(public_id=row.attendance))
    row.attendance = ""
    count_attended(ctx, owner)
    return keep(ctx, owner, row, event="seat.check_in_undone")


@command(
    "events.recount_attended",
    label=_("Events attended counted anew"),
    permission="events:write",
    lock=lambda *, member: member_to_lock(member),
)
def recount_attended(ctx: Context, *, member: str) -> int:
    """Count what two cards that are one now (or two again) attended."""
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    ctx.about(owner.public_id)
    return count_attended(ctx, owner)


def _the_ticket(ctx: Context, *, code: str, seat: str) -> Seat:
    if not ctx.locked:
        raise NotFound("ticket_not_found", _("There is no such ticket."), field="code")
    return selectors.access_seat(seat) if seat else selectors.seat_of_code(code)


def _may_enter(ctx: Context, row: Seat, event: str) -> None:
    here = row.event
    if event and here.public_id != event:
        text = _("This ticket is for another event: %(event)s, %(when)s.")
        when = formats.instant_text(here.starts_at)
        told = text % {"event": here.title, "when": when}
        raise Refused("ticket_of_another_event", told, field="code")
    if here.state == Event.State.CANCELLED:
        raise Refused("event_cancelled", _("This event was cancelled."), field="code")
    if row.state in (State.WAITING, State.OFFERED):
        text = _("They have no place (yet): %(state)s.")
        raise Refused("no_ticket_yet", text % {"state": row.get_state_display()}, field="code")
    if row.state != State.GOING:
        text = _("This ticket is not good any more: %(state)s.")
        raise Refused("ticket_cancelled", text % {"state": row.get_state_display()}, field="code")
    if row.checked_in_at is not None:
        raise Refused(
            "in_already",
            _("Already in at %(time)s.") % {"time": formats.instant_text(row.checked_in_at)},
            field="code",
            params={"at": row.checked_in_at.isoformat(), "seat": seat_result(row).seat},
        )
    if not here.door_opens_at <= ctx.now <= here.door_closes_at:
        text = _("The door of this event is open from %(from)s to %(until)s.")
        opened = {
            "from": formats.instant_text(here.door_opens_at),
            "until": formats.instant_text(here.door_closes_at),
        }
        raise Refused("door_closed", text % opened, field="code")
