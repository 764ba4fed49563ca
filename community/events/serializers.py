"""Shapes of the events API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from community.events.models import Event, Seat
from community.events.results import SeatResult, seat_result
from community.events.rules import (
    MAX_CAPACITY,
    MAX_CONDITIONS,
    MAX_GUESTS,
    MAX_HOURS,
    MAX_OFFER_HOURS,
    MAX_POINTS,
    EventInput,
)
from community.events.selectors import owner_of, pictures_of, place_in_line
from loyalty.engine.sent import Conditions
from loyalty.web.api import (
    Body,
    Choice,
    Flag,
    Instant,
    PublicId,
    Query,
    Text,
    Whole,
)
from members.moderation.results import PhotoView, present_photos


class EventBody(Body):
    """An event. What is left out is as in a new one."""

    title_vi = Text(maximum=120, required=False)
    title_en = Text(maximum=120, required=False)
    about_vi = Text(maximum=4_000, lines=True, required=False)
    about_en = Text(maximum=4_000, lines=True, required=False)
    place = Text(maximum=200, required=False)
    link = Text(maximum=500, required=False, help_text="Shown only to who holds a ticket.")
    starts_at = Instant()
    ends_at = Instant()
    capacity = Whole(
        minimum=1,
        maximum=MAX_CAPACITY,
        required=False,
        allow_null=True,
        help_text="People, guests included; null or missing: as many as like.",
    )
    guests_most = Whole(maximum=MAX_GUESTS, required=False)
    audience = Conditions(
        maximum=MAX_CONDITIONS,
        required=False,
        help_text="Who may come: each is `fact`, `op` and `value`; all must hold.",
    )
    price_points = Whole(maximum=MAX_POINTS, required=False, help_text="For each person.")
    reward = Text(maximum=40, required=False, help_text="The reward whose vouchers are tickets.")
    refund_hours = Whole(
        maximum=MAX_HOURS,
        required=False,
        help_text="Until so many hours before the start all comes back (24 unless told).",
    )
    late_refund_bp = Whole(
        maximum=10_000, required=False, help_text="Share of the points that comes back later."
    )
    offer_hours = Whole(
        maximum=MAX_OFFER_HOURS,
        required=False,
        help_text="Hours to accept a place; 0: who moves up has it at once.",
    )


class EventQuery(Query):
    """Which events."""

    state = Choice(choices=Event.State.values, required=False)


class CallOffBody(Body):
    """Why an event does not take place; members read it."""

    reason = Text(maximum=300, required=False)


class AnswerBody(Body):
    """A member's yes (with guests) or no."""

    member = PublicId(prefix="mem")
    coming = Flag(required=False)
    guests = Whole(maximum=MAX_GUESTS, required=False)


class SeatQuery(Query):
    """Which answers."""

    state = Choice(choices=Seat.State.values, required=False)


class GiveBackBody(Body):
    """``for_free``: all comes back, whatever the hour."""

    for_free = Flag(required=False)


class DoorBody(Body):
    """A ticket's code, as it was scanned or typed; ``event``: at whose door this is."""

    code = Text(maximum=60)
    event = Text(maximum=40, required=False)


@dataclass(frozen=True)
class EventView:
    """An event. ``taken`` people have a place; ``waiting`` parties wait for one."""

    id: str
    state: str
    title_vi: str
    title_en: str
    about_vi: str
    about_en: str
    place: str
    link: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    taken: int
    waiting: int
    guests_most: int
    audience: list[dict[str, Any]]
    price_points: int
    reward: str
    refund_hours: int
    late_refund_bp: int
    offer_hours: int
    cancel_reason: str
    published_at: datetime | None
    picture: PhotoView | None


def input_of_body(body: Mapping[str, Any]) -> EventInput:
    """The event of a body, for the command."""
    return EventInput(**{**body, "audience": tuple(body.get("audience", ()))})


def present_event(row: Event, *, slug: str) -> EventView:
    """An event for the API."""
    apart = ("id", "state", "audience", "picture")
    names = [one.name for one in fields(EventView) if one.name not in apart]
    picture = present_photos(pictures_of([row]).values(), slug=slug)
    return EventView(
        id=row.public_id,
        picture=picture[0] if picture else None,
        state=str(row.state),
        audience=list(row.audience),
        **{name: getattr(row, name) for name in names},
    )


def present_seat(row: Seat) -> SeatResult:
    """A seat for the API."""
    return seat_result(row, place_in_line=place_in_line(row), member=owner_of(row).public_id)
