"""Reads about events and tickets. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from community.events.models import Event, Seat
from community.events.rules import DOOR, EventTerms, normal_code
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.conditions import parse
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.matching import Moment
from loyalty.tenancy.scope import current_programme
from members.moderation.models import Photo
from members.moderation.selectors import photos_of
from members.profiles.models import Member

State = Seat.State
# States in which somebody has a place, or still may get one.
HAS_PLACE = (State.GOING, State.OFFERED)
STANDS = (*HAS_PLACE, State.WAITING)
MOST_COMING = 100


def access_event(public_id: str) -> Event:
    """The event of a public id, whatever its state. Raises ``NotFound``."""
    row: Event | None = Event.objects.filter(public_id=public_id).first()
    if row is None:
        raise _no_event()
    return row


def access_shown(public_id: str) -> Event:
    """The same for members' eyes: a draft is not found."""
    row = access_event(public_id)
    if row.state == Event.State.DRAFT:
        raise _no_event()
    return row


def events(*, state: str = "") -> QuerySet[Event]:
    """All events, unordered; of one state where asked for."""
    rows: QuerySet[Event] = Event.objects.all()
    return rows.filter(state=state) if state else rows


def coming(*, at: datetime | None = None) -> list[Event]:
    """Published events that are not over, the next one first."""
    rows = Event.objects.filter(state=Event.State.LIVE, ends_at__gt=at or clock_now())
    return list(rows.order_by("starts_at", "pk")[:MOST_COMING])


def doors_open(*, at: datetime | None = None) -> bool:
    """Is there an event people are let in at now?"""
    at = at or clock_now()
    rows = Event.objects.filter(state=Event.State.LIVE)
    return bool(rows.filter(starts_at__lte=at + DOOR, ends_at__gte=at - DOOR).exists())


def terms_of_events() -> list[EventTerms]:
    """What is promised about published events; kept with the programme's rules. One query."""
    return [
        EventTerms(
            public_id=row.public_id,
            name=row.title_vi or row.title_en,
            name_en=row.title_en or row.title_vi,
            ends_at=row.ends_at,
            audience=parse(row.audience),
            begins_at=row.starts_at,
            price_points=row.price_points,
            needs_voucher=bool(row.reward) and not row.price_points,
            refund_hours=row.refund_hours,
            late_refund_bp=row.late_refund_bp,
            offer_hours=row.offer_hours,
        )
        for row in Event.objects.filter(state=Event.State.LIVE).order_by("-starts_at")[:MOST_COMING]
    ][::-1]


def is_for(event: Event, facts: Facts) -> bool:
    """Is the event for the member of these facts?"""
    return all(one.holds(facts.__getitem__) for one in parse(event.audience))


def for_member(rows: Iterable[Event], member: Member | None) -> list[Event]:
    """Those of the events that are for a member; for a visitor those for everybody."""
    rows = list(rows)
    if member is None:
        return [one for one in rows if not one.audience]
    if not any(one.audience for one in rows):
        return rows
    world = DatabaseWorld(programme=current_programme(), member=member, now=clock_now())
    facts = Facts(world)
    return [one for one in rows if is_for(one, facts)]


def pictures_of(rows: Iterable[Event]) -> dict[str, Photo]:
    """Their pictures, by the event's public id; those of drafts too. One query."""
    found = photos_of([one.public_id for one in rows], everything=True)
    return {event: first for event, (first, *_rest) in found.items()}


# --- seats -----------------------------------------------------------------------------------------


def owned_by(member: Member) -> Q:
    """Seats of a member, and of the cards that were merged into theirs."""
    return Q(member=member) | Q(member__merged_into=member)


def owner_of(seat: Seat) -> Member:
    """Whose card it is on now: a merged card's seats are the survivor's."""
    row: Member = seat.member
    while row.merged_into is not None:
        row = row.merged_into
    return row


def seats() -> QuerySet[Seat]:
    """All seats, with event and member."""
    return Seat.objects.select_related("event", "member", "member__merged_into")


def access_seat(public_id: str) -> Seat:
    """The seat of a public id. Raises ``NotFound``."""
    row = seats().filter(public_id=public_id).first()
    if row is None:
        raise no_ticket()
    return row


def seat_of_code(code: str) -> Seat:
    """The seat of a ticket's code, as it was scanned or typed. Raises ``NotFound``."""
    wanted = normal_code(code)
    row = seats().filter(code=wanted).first() if wanted else None
    if row is None:
        raise no_ticket()
    return row


def standing_seat(event: Event, member: Member) -> Seat | None:
    """The member's answer that holds now, a no among them."""
    rows = seats().filter(owned_by(member), event=event, state__in=(*STANDS, State.DECLINED))
    # Of two merged cards the one with a place counts.
    found = sorted(rows, key=lambda row: list(State.values).index(str(row.state)))
    return found[0] if found else None


def latest_seats(rows: Iterable[Event], member: Member | None) -> dict[int, Seat]:
    """The member's newest answer to each of these events, by the event's key. One query."""
    if member is None:
        return {}
    found = seats().filter(owned_by(member), event__in=[one.pk for one in rows])
    return {seat.event_id: seat for seat in found.order_by("pk")}


def seats_of(member: Member) -> QuerySet[Seat]:
    """Everything a member answered, unordered."""
    return seats().filter(owned_by(member))


def my_tickets(member: Member, *, at: datetime | None = None) -> list[Seat]:
    """What the member holds or waits for at events that are not over, the next one first."""
    rows = seats_of(member).filter(
        state__in=STANDS, event__ends_at__gt=at or clock_now(), event__state=Event.State.LIVE
    )
    return list(rows.order_by("event__starts_at", "pk"))


def guests(event: Event, *, state: str = "") -> QuerySet[Seat]:
    """Everybody who answered, unordered; of one state where asked for."""
    rows = seats().filter(event=event)
    return rows.filter(state=state) if state else rows


def line(event: Event) -> QuerySet[Seat]:
    """Who waits, the next one first."""
    return seats().filter(event=event, state=State.WAITING).order_by("number", "pk")


def place_in_line(seat: Seat) -> int:
    """Counting from 1; 0 for who does not wait."""
    if seat.state != State.WAITING:
        return 0
    rows = Seat.objects.filter(event=seat.event_id, state=State.WAITING, number__lt=seat.number)
    return rows.count() + 1


def next_in_line(event: Event) -> Seat | None:
    """The first who waits and fits into what is left: an empty place helps nobody."""
    if event.state != Event.State.LIVE:
        return None
    rows = line(event)
    if event.left is not None:
        rows = rows.filter(guests__lt=event.left)
    return rows.first()


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How an event fills. People, guests included; ``waiting`` are people too."""

    coming: int
    offered: int
    waiting: int
    declined: int
    is_in: int
    points: int


def figures(event: Event) -> Figures:
    """How an event fills. One query."""

    def people(*states: str) -> Any:
        return Coalesce(Sum(F("guests") + 1, filter=Q(state__in=states)), 0)

    found = Seat.objects.filter(event=event).aggregate(
        coming=people(State.GOING),
        offered=people(State.OFFERED),
        waiting=people(State.WAITING),
        declined=Count("pk", filter=Q(state=State.DECLINED)),
        is_in=Coalesce(Sum(F("guests") + 1, filter=Q(checked_in_at__isnull=False)), 0),
        points=Coalesce(Sum(F("cost_points") - F("points_back")), 0),
    )
    return Figures(**found)


def attended_count(member: Member) -> int:
    """How many events a member was let in at."""
    return Seat.objects.filter(owned_by(member), checked_in_at__isnull=False).count()


def attended(moment: Moment) -> Any:
    """The same as an expression over members, for counting an audience."""
    rows = Seat.objects.filter(
        Q(member=OuterRef("pk")) | Q(member__merged_into=OuterRef("pk")),
        checked_in_at__isnull=False,
    ).order_by()
    one = rows.annotate(all=Coalesce("event__programme_id", 0)).values("all")
    return Coalesce(Subquery(one.annotate(n=Count("pk")).values("n")), 0)


# --- due work ----------------------------------------------------------------------------------------


def due_offers(*, at: datetime, limit: int) -> Sequence[Seat]:
    """Offered places whose time is over."""
    rows = seats().filter(state=State.OFFERED, offer_until__lte=at)
    return list(rows.order_by("offer_until", "pk")[:limit])


def with_free_places(*, at: datetime) -> list[Event]:
    """Published events at which somebody waits though there is room."""
    rows = Event.objects.filter(state=Event.State.LIVE, starts_at__gt=at, waiting__gt=0)
    return list(rows.filter(Q(capacity__isnull=True) | Q(capacity__gt=F("taken"))).order_by("pk"))


def left_over(*, event: str = "", limit: int) -> Sequence[Seat]:
    """Seats of cancelled events that nobody has told yet."""
    rows = seats().filter(event__state=Event.State.CANCELLED, state__in=STANDS)
    if event:
        rows = rows.filter(event__public_id=event)
    return list(rows.order_by("pk")[:limit])


def events_for_reward(reward: str, *, at: datetime) -> list[Event]:
    """Coming events that take vouchers of a reward as tickets."""
    rows = Event.objects.filter(state=Event.State.LIVE, reward=reward, starts_at__gt=at)
    return list(rows.order_by("starts_at"))


def names_of(rows: Iterable[Seat]) -> Mapping[int, str]:
    """What staff calls the owner of each seat, by its key."""
    return {row.pk: owner_of(row).name or str(_("No name")) for row in rows}


def no_ticket() -> NotFound:
    """The refusal for a code or id nobody has here."""
    return NotFound("ticket_not_found", _("There is no such ticket."), field="code")


def _no_event() -> NotFound:
    return NotFound("event_not_found", _("There is no such event."), field="event")
