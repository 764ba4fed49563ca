"""A member's answer to an event: yes with guests, no, a place accepted, a ticket given back."""

from __future__ import annotations

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from community.events import selectors
from community.events.models import Event, Seat
from community.events.results import SeatResult
from community.events.services.keeping import (
    BOTH,
    State,
    active,
    draw_number,
    is_free,
    keep,
    let_come,
    let_go,
    not_open,
    price,
    priced_by,
    seat_to_lock,
    take_places,
    the_seat,
)
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.errors import Conflict, Invalid, Refused
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.ports import usable_vouchers
from loyalty.ledger.errors import insufficient
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


def _answered_already(call: Call, error: IntegrityError, **_rest: object) -> SeatResult:
    raise _twice() from error


def _twice() -> Conflict:
    return Conflict(
        "answered_already",
        _("They have answered already. Cancel that answer first."),
        field="event",
    )


@command(
    "events.answer_event",
    label=_("Event answered"),
    permission=BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
    recover=_answered_already,
)
def answer_event(
    ctx: Context, *, member: str, event: str, coming: bool = True, guests: int = 0
) -> SeatResult:
    """Say yes or no to an event. A yes takes places where there are any, else a place in the line.

    A place is paid at once; in the line nothing is paid, but it must be there.

    Raises ``NotFound``, ``Invalid`` (guests), ``Conflict`` (``answered_already``), ``Refused``
    (``event_started``, ``event_cancelled``, ``not_for_you``, ``insufficient_balance``, ``ticket_needed``,
    ``member_not_active``).
    """
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    active(owner)
    row = selectors.access_shown(event)
    seat = selectors.standing_seat(row, owner)
    if seat is not None and (seat.state != State.DECLINED or not coming):
        raise _twice()
    if row.state != Event.State.LIVE or row.starts_at <= ctx.now:
        raise not_open(row)
    _check_guests(row, guests if coming else 0)
    seat = seat or Seat(programme=ctx.programme, member=owner, event=row)
    seat.event, seat.answered_at, seat.guests = row, ctx.now, guests if coming else 0
    if not coming:
        seat.state = State.DECLINED
        return keep(ctx, owner, seat, event="seat.declined")
    if not selectors.is_for(row, Facts(DatabaseWorld.within(ctx, owner))):
        raise Refused("not_for_you", _("This event is not for this member."), field="event")
    if take_places(ctx, row, seat.party):
        row.refresh_from_db()
        _check_guests(row, guests)
        let_come(ctx, owner, seat)
        return keep(ctx, owner, seat, event="seat.taken")
    seat.number = draw_number(ctx, row)
    _could_pay(ctx, owner, row, guests)
    seat.state, seat.moves = State.WAITING, row.moves
    return keep(ctx, owner, seat, event="seat.waiting")


@command(
    "events.accept_place",
    label=_("Offered place accepted"),
    permission=BOTH,
    lock=lambda *, seat: seat_to_lock(seat),
)
def accept_place(ctx: Context, *, seat: str) -> SeatResult:
    """Say yes to a place that was offered from the waiting list; it is paid now.

    Raises ``NotFound``, ``Refused`` (``no_offer``, ``insufficient_balance``, ``ticket_needed``).
    """
    row = the_seat(ctx, seat)
    owner = selectors.owner_of(row)
    active(owner)
    is_held = row.offer_until is not None and ctx.now < row.offer_until
    if row.state != State.OFFERED or not is_held or row.event.state != Event.State.LIVE:
        raise Refused(
            "no_offer",
            _("No place is held for them (any more): %(state)s.")
            % {
                "state": State.LAPSED.label
                if row.state == State.OFFERED
                else row.get_state_display()
            },
            field="seat",
        )
    let_come(ctx, owner, row)
    return keep(ctx, owner, row, event="seat.taken")


@command(
    "events.cancel_seat",
    label=_("Answer to an event cancelled"),
    permission=BOTH,
    lock=lambda *, seat, **_rest: seat_to_lock(seat),
)
def cancel_seat(ctx: Context, *, seat: str, for_free: bool = False) -> SeatResult:
    """Give a ticket (or a place in the line) back; whoever is next moves up.

    Args:
        for_free: staff gives all back, whatever the hour.

    Raises ``NotFound``, ``Invalid``, ``Conflict`` (``seat_ended``), ``Refused`` (``event_started``,
    ``is_in_already``).
    """
    row = the_seat(ctx, seat)
    owner = selectors.owner_of(row)
    if for_free and ctx.actor.kind == "member":
        raise Invalid("bad_free", _("Only staff can give all back."), field="for_free")
    if row.state not in selectors.STANDS:
        raise Conflict(
            "seat_ended",
            _("There is nothing to cancel: %(state)s.") % {"state": row.get_state_display()},
            field="seat",
        )
    if row.checked_in_at is not None:
        raise Refused("is_in_already", _("They are in already."), field="seat")
    if row.event.starts_at <= ctx.now and not for_free:
        raise Refused("event_started", _("This event has started. It is too late."), field="event")
    free = for_free or row.state != State.GOING or is_free(ctx, row)
    let_go(ctx, owner, row, to=State.CANCELLED, reason="cancelled", free=free)
    return keep(ctx, owner, row, event="seat.cancelled")


def _check_guests(event: Event, guests: int) -> None:
    if isinstance(guests, bool) or not 0 <= guests <= event.guests_most:
        text = _("At most %(maximum)s guests can come along.")
        raise Invalid(
            "too_many_guests",
            text % {"maximum": event.guests_most},
            field="guests",
            params={"maximum": event.guests_most},
        )


def _could_pay(ctx: Context, owner: Member, event: Event, guests: int) -> None:
    """Who could not pay has no business in the line."""
    has_voucher = bool(event.reward and usable_vouchers(owner, reward=event.reward))
    if event.reward and not has_voucher and not event.price_points:
        raise Refused(
            "ticket_needed",
            _("This event needs a ticket: get the reward it comes with first."),
            field="event",
        )
    cost = price(event, guests, by_voucher=has_voucher)
    there = DatabaseWorld.within(ctx, owner).book.available("points") if cost else 0
    if there < cost:
        raise insufficient("points", cost, there, field=priced_by(guests))
