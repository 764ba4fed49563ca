"""What the commands about tickets share: the lock, places taken and freed, paying and giving back.

Places are one conditional UPDATE on the event: whoever comes at once waits there for each other, so
that no more people get a place than there are. Who waits draws a number in the same way.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.events import selectors
from community.events.models import Event, Seat
from community.events.results import SeatResult, seat_result
from community.events.rules import STATUS, is_free_to_cancel, new_code, points_back
from loyalty.commands.decorator import Context, Lock
from loyalty.common.errors import Refused
from loyalty.engine.database import DatabaseWorld, save_undone
from loyalty.engine.effects import EFFECTS
from loyalty.engine.models import Activity
from loyalty.engine.ports import usable_vouchers
from loyalty.engine.services import record_activity, take_back_activity
from loyalty.engine.status import Status
from loyalty.ledger.store import stored_entries
from loyalty.outbox.services import publish
from members.profiles.models import Member

RSVP, ATTENDED = "event.rsvp", "event.attended"
BOTH = ("events:write", "redemptions:write", "self:events")
AT_THE_DOOR = ("events:write", "redemptions:write")
POINTS = "points"
State = Seat.State


def seat_to_lock(seat: str) -> Lock:
    """The lock of commands about one seat: whose card it is on now, and their holder."""
    row = Seat.objects.select_related("member__merged_into").filter(public_id=seat).first()
    owner = selectors.owner_of(row).pk if row else 0
    rows = Member.objects.select_related("holder").filter(pk=owner)
    return Lock(rows=rows, of=("self", "holder"))


def event_to_lock(event: str) -> Lock:
    """The lock of commands about an event itself."""
    return Lock(rows=Event.objects.filter(public_id=event))


def the_seat(ctx: Context, seat: str) -> Seat:
    """The seat, read under the lock of its member. Raises ``NotFound``."""
    if not ctx.locked:
        raise selectors.no_ticket()
    return selectors.access_seat(seat)


def take_places(ctx: Context, event: Event, people: int, *, in_turn: bool = False) -> bool:
    """Take places where there are so many and the event is still to come; answers whether.

    ``in_turn``: whoever comes from the waiting list; all others wait where somebody waits.
    """
    rows = Event.objects.filter(pk=event.pk, state=Event.State.LIVE, starts_at__gt=ctx.now)
    rows = rows.filter(Q(capacity__isnull=True) | Q(capacity__gte=F("taken") + people))
    if not in_turn:
        rows = rows.filter(waiting=0)
    return bool(rows.update(taken=F("taken") + people))


def free_places(event: Event, people: int) -> None:
    """Give places back."""
    Event.objects.filter(pk=event.pk).update(taken=F("taken") - people)


def draw_number(ctx: Context, event: Event) -> int:
    """Join the line: the number drawn, in the order of drawing. Raises ``Refused``."""
    rows = Event.objects.filter(pk=event.pk, state=Event.State.LIVE, starts_at__gt=ctx.now)
    if not rows.update(waiting=F("waiting") + 1, last_number=F("last_number") + 1):
        raise not_open(event)
    event.refresh_from_db()
    return event.last_number


def leave_line(event: Event) -> None:
    """One party waits no more."""
    Event.objects.filter(pk=event.pk).update(waiting=F("waiting") - 1)


def not_open(event: Event) -> Refused:
    """Why nobody can answer an event now."""
    event.refresh_from_db()
    if event.state == Event.State.CANCELLED:
        return Refused("event_cancelled", _("This event was cancelled."), field="event")
    return Refused("event_started", _("This event has started. It is too late."), field="event")


def price(event: Event, guests: int, *, by_voucher: bool) -> int:
    """Points for a party. A voucher is for the member; guests come along, at the price of each."""
    return event.price_points * (guests + (0 if by_voucher else 1))


def priced_by(guests: int) -> str:
    """Which input a price that cannot be paid is told at: guests one may leave out, else the event."""
    return "guests" if guests else "event"


def pay(ctx: Context, owner: Member, seat: Seat) -> None:
    """Pay for a seat: with a voucher of the event's reward where the member holds one, else points.

    Raises ``Refused`` (``insufficient_balance``, ``ticket_needed``).
    """
    event = seat.event
    code = next(iter(usable_vouchers(owner, reward=event.reward)), "") if event.reward else ""
    if event.reward and not code and not event.price_points:
        raise Refused(
            "ticket_needed",
            _("This event needs a ticket: get the reward it comes with first."),
            field="event",
        )
    cost = price(event, seat.guests, by_voucher=bool(code))
    if not cost and not code:
        return
    world = DatabaseWorld.within(ctx, owner)
    world.about(seat.public_id, ctx.now)
    if code:
        view = world.grants.find(code)
        world.grants.use(view.public_id, cause=seat.public_id)
        seat.voucher = view.public_id
    entry = None
    if cost:
        entry = world.book.debit(
            world.transaction("redemption"),
            POINTS,
            cost,
            reason="event_ticket",
            details={"event": event.title},
            field=priced_by(seat.guests),
        )
    world.write(ctx)
    seat.cost_points = cost
    seat.cost_entry_id = entry.id if entry else None


def let_come(ctx: Context, owner: Member, seat: Seat) -> None:
    """They have a place: paid, a ticket made, the answer recorded by the engine."""
    pay(ctx, owner, seat)
    seat.state, seat.code, seat.offer_until = State.GOING, new_code(), None
    seat.moves, seat.number = seat.event.moves, 0
    done = record_activity.within(
        ctx, member=owner.public_id, type=RSVP, key=seat.public_id, data=told(seat)
    )
    seat.activity = done.activity


def let_go(ctx: Context, owner: Member, seat: Seat, *, to: str, reason: str, free: bool) -> None:
    """End a seat that stands: its place is free, what is due comes back, the ticket is void.

    Who is erased gets nothing back: what they held is forfeited.
    """
    event = seat.event
    if seat.state in selectors.HAS_PLACE:
        free_places(event, seat.party)
    elif seat.state == State.WAITING:
        leave_line(event)
    if (seat.cost_points or seat.voucher) and owner.state != Member.State.ERASED:
        _give_back(ctx, owner, seat, free=free)
    if seat.activity:
        take_back_activity(ctx, Activity.objects.get(public_id=seat.activity))
    seat.state, seat.end_reason, seat.ended_at = State(to), reason, ctx.now
    seat.offer_until = None


def _give_back(ctx: Context, owner: Member, seat: Seat, *, free: bool) -> None:
    back = points_back(seat.cost_points, free=free, late_refund_bp=seat.event.late_refund_bp)
    world = DatabaseWorld.within(ctx, owner)
    world.about(seat.public_id, ctx.now)
    if back and seat.cost_entry_id:
        entry = stored_entries(world.stored, [seat.cost_entry_id])[seat.cost_entry_id]
        world.book.give_back(
            world.transaction("restore"),
            entry,
            back,
            reason="event_ticket_back",
            details={"event": seat.event.title},
        )
    if seat.voucher and free:
        world.grants.restore(seat.voucher)
        granted = world.granted(seat.voucher)
        if granted is not None:
            EFFECTS[granted.kind].returned(world, granted)
    world.write(ctx)
    save_undone(world.take_besides())
    seat.points_back = back


def lost_its_voucher(ctx: Context, owner: Member, seat: Seat) -> bool:
    """Is what gave the voucher of a ticket gone (its purchase was refunded)? Then it is void now.

    Whoever gave it decides, as it does when any used voucher comes back unused.
    """
    world = DatabaseWorld.within(ctx, owner)
    world.about(seat.public_id, ctx.now)
    granted = world.granted(seat.voucher)
    if granted is None:
        return False
    world.grants.restore(seat.voucher)
    EFFECTS[granted.kind].returned(world, granted)
    try:
        world.grants.use(seat.voucher, cause=seat.public_id)
    except Refused as refusal:
        if refusal.code != "voucher_void":
            return False
        world.write(ctx)
        save_undone(world.take_besides())
        return True
    return False  # it stands: this world was only asked, and nothing of it is written


def count_attended(ctx: Context, owner: Member) -> int:
    """Keep how many events a member was let in at, for the fact that rules ask for."""
    number = selectors.attended_count(owner)
    world = DatabaseWorld.within(ctx, owner)
    world.set_status(STATUS, Status(value="", since=ctx.now, data={"attended": number}))
    world.write(ctx)
    return number


def is_free(ctx: Context, seat: Seat) -> bool:
    """Would all come back if the member cancelled now?"""
    return is_free_to_cancel(
        starts_at=seat.event.starts_at,
        refund_hours=seat.event.refund_hours,
        moved=seat.was_moved,
        now=ctx.now,
    )


def told(seat: Seat) -> dict[str, Any]:
    """What rules and the outside read of a seat."""
    return {
        "event": seat.event.public_id,
        "seat": seat.public_id,
        "title": seat.event.title_vi or seat.event.title_en,
        "guests": seat.guests,
    }


def keep(ctx: Context, owner: Member, seat: Seat, *, event: str) -> SeatResult:
    """Write a seat and tell of it; the answer of every command about one."""
    seat.save(force_insert=seat.pk is None)
    line = selectors.place_in_line(seat)
    data = {**told(seat), "member": owner.public_id, "state": str(seat.state)}
    publish(
        ctx,
        event,
        subject=owner.public_id,
        data={**data, "place_in_line": line, "points_back": seat.points_back},
    )
    ctx.about(seat.public_id, event=seat.event.public_id, state=str(seat.state))
    return seat_result(seat, place_in_line=line, member=owner.public_id)


def active(owner: Member) -> None:
    """Raises ``Refused`` for a card that is not active."""
    if owner.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": owner.get_state_display()},
            field="member",
        )
