"""What an event may be, what comes back when a ticket is given back, and the event for a calendar: pure rules."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.conditions import ACTIVITY_FACTS, faults, parse
from loyalty.engine.rules import RuleTerms

# Where a member stands with events: how many they were let in at.
STATUS = "events"
MAX_CAPACITY = 100_000
MAX_GUESTS = 20
MAX_CONDITIONS = 20
MAX_POINTS = 10**9
MAX_HOURS = 24 * 365
MAX_OFFER_HOURS = 24 * 14
LONGEST = timedelta(days=60)
FURTHEST = timedelta(days=366 * 5)
# How long before the start and after the end people are let in.
DOOR = timedelta(hours=12)
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 16
_ICS_LINE = 74


@dataclass(frozen=True, kw_only=True)
class EventInput:
    """What an event shall be.

    Args:
        capacity: people with a place, guests included; ``None`` for as many as like.
        price_points: for each person, guests included; 0 is free.
        reward: public id of the reward whose vouchers are tickets, each for one person.
        refund_hours: until so many hours before the start all comes back; afterwards the share
            ``late_refund_bp`` of the points, rounded down, and no voucher.
        offer_hours: how long who moves up has to accept; 0: the place is theirs at once.
    """

    title_vi: str = ""
    title_en: str = ""
    about_vi: str = ""
    about_en: str = ""
    place: str = ""
    link: str = ""
    starts_at: datetime
    ends_at: datetime
    capacity: int | None = None
    guests_most: int = 0
    audience: tuple[Mapping[str, Any], ...] = ()
    price_points: int = 0
    reward: str = ""
    refund_hours: int = 24
    late_refund_bp: int = 0
    offer_hours: int = 0

    def problems(
        self, *, now: datetime, starts_before: datetime | None = None
    ) -> list[DomainError]:
        """Everything that is wrong with it, each error naming its field.

        Args:
            starts_before: when it was to start till now; the same instant may lie in the past.
        """
        found: list[DomainError] = []
        if not (self.title_vi or self.title_en):
            found.append(Invalid("required", _("Give the event a title."), field="title_vi"))
        if not (self.place or self.link):
            found.append(Invalid("required", _("Say where it is, or give a link."), field="place"))
        return [
            *found,
            *self._link(),
            *self._times(now, starts_before),
            *self._numbers(),
            *self._whom(),
        ]

    def _link(self) -> list[DomainError]:
        try:
            if self.link:
                URLValidator(schemes=["https", "http"])(self.link)
        except ValidationError:
            text = _("Give a link that begins with https://.")
            return [Invalid("bad_link", text, field="link")]
        return []

    def _times(self, now: datetime, before: datetime | None) -> list[DomainError]:
        found: list[DomainError] = []
        if self.starts_at <= now and self.starts_at != before:
            text = _("It would start in the past. Check the day.")
            found.append(Invalid("in_the_past", text, field="starts_at"))
        elif self.starts_at > now + FURTHEST:
            text = _("This is more than five years away. Check the year.")
            found.append(Invalid("too_far", text, field="starts_at"))
        if self.ends_at <= self.starts_at:
            text = _("It would end before it starts.")
            found.append(Invalid("end_before_start", text, field="ends_at"))
        elif self.ends_at - self.starts_at > LONGEST:
            text = _("An event lasts at most 60 days.")
            found.append(Invalid("too_long", text, field="ends_at"))
        return found

    def _numbers(self) -> list[DomainError]:
        ranges = {
            "guests_most": (self.guests_most, 0, MAX_GUESTS),
            "price_points": (self.price_points, 0, MAX_POINTS),
            "refund_hours": (self.refund_hours, 0, MAX_HOURS),
            "late_refund_bp": (self.late_refund_bp, 0, 10_000),
            "offer_hours": (self.offer_hours, 0, MAX_OFFER_HOURS),
        }
        if self.capacity is not None:
            ranges["capacity"] = (self.capacity, 1, MAX_CAPACITY)
        found = [
            Invalid(
                "out_of_range",
                _("Give a number from %(minimum)s to %(maximum)s.")
                % {"minimum": low, "maximum": high},
                field=field,
                params={"minimum": low, "maximum": high},
            )
            for field, (value, low, high) in ranges.items()
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high
        ]
        if not found and self.capacity is not None and self.guests_most >= self.capacity:
            text = _("One member with all guests would not fit in.")
            found.append(Invalid("more_guests_than_places", text, field="guests_most"))
        return list(found)

    def _whom(self) -> list[DomainError]:
        if len(self.audience) > MAX_CONDITIONS:
            text = _("Give at most %(n)s conditions.") % {"n": MAX_CONDITIONS}
            return [Invalid("too_many", text, field="audience")]
        if broken := list(faults(self.audience)):
            return [*broken]
        found = parse(self.audience)
        whom = _("Ask for something about the member.")
        return [
            Invalid("not_of_members", whom, field=f"audience.{number}")
            for number, one in enumerate(found)
            if one.fact in ACTIVITY_FACTS
        ]


@dataclass(frozen=True, kw_only=True)
class EventTerms(RuleTerms):
    """What the terms page says of an event; ``begins_at`` is when people meet."""

    begins_at: datetime
    name_en: str = ""
    price_points: int = 0
    needs_voucher: bool = False
    refund_hours: int = 0
    late_refund_bp: int = 0
    offer_hours: int = 0


def new_code() -> str:
    """A ticket's code: 80 random bits in letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_CODE_LETTERS) for _n in range(_CODE_LENGTH))


def normal_code(text: str) -> str:
    """A code as it is kept, from what was scanned or typed; empty where it cannot be one."""
    word = "".join(text.upper().split()).replace("-", "")
    word = word.replace("O", "0").replace("I", "1").replace("L", "1")
    fits = len(word) == _CODE_LENGTH and all(letter in _CODE_LETTERS for letter in word)
    return word if fits else ""


def shown_code(code: str) -> str:
    """A code as people read it out: in groups of four."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def is_free_to_cancel(
    *, starts_at: datetime, refund_hours: int, moved: bool, now: datetime
) -> bool:
    """Does all come back? Before the deadline, and whenever it was moved after they answered."""
    return moved or now <= starts_at - timedelta(hours=refund_hours)


def points_back(cost: int, *, free: bool, late_refund_bp: int) -> int:
    """Points that come back: all, or ``floor(cost x late_refund_bp / 10000)``."""
    return cost if free else cost * late_refund_bp // 10_000


def door_opens_at(starts_at: datetime) -> datetime:
    """From when people are let in."""
    return starts_at - DOOR


def door_closes_at(ends_at: datetime) -> datetime:
    """Until when somebody can still be let in."""
    return ends_at + DOOR


def offer_until(now: datetime, *, hours: int, starts_at: datetime) -> datetime:
    """Until when an offered place is held: never beyond the start."""
    return min(now + timedelta(hours=hours), starts_at)


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """An event as a calendar keeps it; ``sequence`` grows when it moves."""

    uid: str
    title: str
    about: str
    where: str
    url: str
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    sequence: int = 0
    cancelled: bool = False


def calendar(entry: CalendarEntry) -> str:
    """The event as a file for any calendar (RFC 5545): times in UTC, lines folded at 75 octets."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Than//Events//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_utc(entry.made_at)}",
        f"DTSTART:{_utc(entry.starts_at)}",
        f"DTEND:{_utc(entry.ends_at)}",
        f"SEQUENCE:{entry.sequence}",
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        f"SUMMARY:{_escaped(entry.title)}",
    ]
    if entry.about:
        lines.append(f"DESCRIPTION:{_escaped(entry.about)}")
    if entry.where:
        lines.append(f"LOCATION:{_escaped(entry.where)}")
    if entry.url:
        lines.append(f"URL:{entry.url}")
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> str:
    parts, present = [], ""
    for letter in line:
        if len((present + letter).encode()) > _ICS_LINE:
            parts.append(present)
            present = " "
        present += letter
    return "\r\n".join([*parts, present])
