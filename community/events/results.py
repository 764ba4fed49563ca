"""The frozen answers of the commands about events and tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.events.models import Seat
from community.events.rules import shown_code


@dataclass(frozen=True, kw_only=True)
class EventResult:
    """An event after a command. ``taken`` people have a place, ``waiting`` parties wait for one."""

    event: str
    state: str
    revision: int
    taken: int
    waiting: int


@dataclass(frozen=True, kw_only=True)
class SeatResult:
    """A member's answer to an event as it stands.

    ``code`` is the ticket's, empty while there is none; ``place_in_line`` counts from 1 and is 0 where
    nobody waits; ``points_back`` is what came back by now.
    """

    seat: str
    event: str
    member: str
    state: str
    guests: int
    code: str
    place_in_line: int
    offer_until: datetime | None
    cost_points: int
    points_back: int
    checked_in_at: datetime | None


def seat_result(row: Seat, *, place_in_line: int = 0, member: str = "") -> SeatResult:
    """A seat as a value; ``member`` is whose card it is on now, where it was merged."""
    return SeatResult(
        seat=row.public_id,
        event=row.event.public_id,
        member=member or row.member.public_id,
        state=str(row.state),
        guests=row.guests,
        code=shown_code(row.code) if row.state == Seat.State.GOING else "",
        place_in_line=place_in_line,
        offer_until=row.offer_until,
        cost_points=row.cost_points,
        points_back=row.points_back,
        checked_in_at=row.checked_in_at,
    )
