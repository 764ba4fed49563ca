"""Events for stories, through the doors."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from community.events.models import Event, Seat
from community.events.results import SeatResult
from community.events.rules import EventInput
from community.events.services import answer_event, create_event, publish_event
from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.clock import now
from loyalty.engine.database import DatabaseWorld
from loyalty.ledger.selectors import balances
from loyalty.outbox.relay import relay_due
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from members.profiles.selectors import member_to_lock
from tests.world import Shop

_NAMES = count(1)


def evening(*, at: datetime | None = None, **values: Any) -> EventInput:
    """A tasting evening in ten days."""
    starts_at = at or (now() + timedelta(days=10)).replace(microsecond=0)
    given: dict[str, Any] = {
        "title_vi": "Đêm nếm cà phê",
        "title_en": "Coffee tasting",
        "place": "Hiên Nguyễn Trãi, tầng 2",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
    }
    return EventInput(**{**given, **values})


def published(shop: Shop, **values: Any) -> str:
    """A published event's id."""
    made = create_event(shop.call(), event=evening(**values))
    publish_event(shop.call(), event=made.event)
    return made.event


def someone(shop: Shop, name: str = "", **values: Any) -> Member:
    """Another member of the shop."""
    with in_programme(shop.programme):
        holder = Holder.objects.create()
        name = name or f"Guest {next(_NAMES)}"
        return Member.objects.create(holder=holder, name=name, joined_at=now(), **values)


def says_yes(shop: Shop, event: str, member: Member | None = None, **values: Any) -> SeatResult:
    """A member says yes to an event."""
    who = (member or shop.member).public_id
    return answer_event(shop.call(), member=who, event=event, **values)


def row_of(shop: Shop, event: str) -> Event:
    with in_programme(shop.programme):
        found: Event = Event.objects.get(public_id=event)
        return found


def seat_of(shop: Shop, seat: str) -> Seat:
    with in_programme(shop.programme):
        found: Seat = Seat.objects.select_related("event").get(public_id=seat)
        return found


def points_of(shop: Shop, member: Member | None = None) -> int:
    with in_programme(shop.programme):
        found = balances(holder_id=(member or shop.member).holder_id)
        return sum(one.available for one in found if one.asset == "points")


def relay() -> None:
    """Everything that waits in the outbox is told."""
    while relay_due():
        pass


@command(
    "tests.give_to_guest",
    permission="points:adjust",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def _give(ctx: Context, *, member: str, amount: int) -> int:
    world = DatabaseWorld.within(ctx, ctx.the_locked(Member, code="x", field="member"))
    world.book.credit(world.transaction("adjustment"), "points", amount, reason="gift")
    world.write(ctx)
    return world.book.available("points")


def give_points(shop: Shop, amount: int, member: Member | None = None) -> int:
    """Points out of the blue."""
    call = Call(job_actor(shop.programme, "gift"), f"give-guest-{next(_NAMES)}")
    return _give(call, member=(member or shop.member).public_id, amount=amount)
