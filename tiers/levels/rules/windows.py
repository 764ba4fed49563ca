"""Over which stretch of time a ladder counts, and so when a credit dies and when a level is reviewed.

What must stay true: a stretch ends with a local day; what counts in it is a lot that dies with it.
Month arithmetic clamps to the month's end; a year counted from 29 February ends on the 28th.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import end_of_day, local_day, start_of_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.values import once
from loyalty.engine.validity import add

LIFETIME, CALENDAR, ROLLING, ANNIVERSARY, DATES = (
    "lifetime",
    "calendar",
    "rolling",
    "anniversary",
    "dates",
)
KINDS = (CALENDAR, ROLLING, ANNIVERSARY, DATES, LIFETIME)
MOST_DATES = 12
MOST_MONTHS = 120
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of time that credits count in.

    Args:
        kind: ``lifetime``; ``calendar`` year; ``rolling`` for ``months``; ``anniversary`` from the
            day of joining to the same day a year on; ``dates`` from one of the days of the year
            (``MM-DD``) to the next.
    """

    kind: str = CALENDAR
    months: int = 12
    dates: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @once
    def _hash(self) -> int:
        return hash((self.kind, self.months, self.dates))

    @property
    def is_rolling(self) -> bool:
        """Does each credit live its own time, rather than die with all others of its stretch?"""
        return self.kind == ROLLING

    def ends_at(self, at: datetime, *, joined_on: date, zone: str) -> datetime | None:
        """When a credit of an instant dies (the first instant it counts no more); ``None`` never."""
        if self.kind == LIFETIME:
            return None
        # Only an anniversary is a member's own: what ends for all on one day is worked out once.
        own = joined_on if self.kind == ANNIVERSARY else None
        return _end_of(self, local_day(at, zone), own, zone)

    def next_after(self, end: datetime, *, joined_on: date, zone: str) -> datetime | None:
        """The end of the stretch that follows the one which ended at ``end``."""
        at = end - _TICK if self.is_rolling else end
        return self.ends_at(at, joined_on=joined_on, zone=zone)

    def starts(self, day: date, joined_on: date | None) -> Iterator[date]:
        """The first days of stretches around a day."""
        for year in (day.year, day.year + 1):
            if self.kind == CALENDAR:
                yield date(year, 1, 1)
            elif joined_on is not None:
                yield add(joined_on, year - joined_on.year, "year")
            else:
                yield from (_on(year, text) for text in self.dates)

    def problems(self) -> list[DomainError]:
        """What is wrong with it, naming the fields ``window_*``."""
        if self.kind == ROLLING and not 1 <= self.months <= MOST_MONTHS:
            return [
                Invalid(
                    "out_of_range",
                    _("Give a number from 1 to %(n)s.") % {"n": MOST_MONTHS},
                    field="window_months",
                )
            ]
        if self.kind != DATES:
            return []
        if not 1 <= len(self.dates) <= MOST_DATES:
            return [
                Invalid(
                    "bad_dates",
                    _("Give 1 to %(n)s days of the year.") % {"n": MOST_DATES},
                    field="window_dates",
                )
            ]
        found: list[DomainError] = []
        for number, one in enumerate(self.dates):
            where = f"window_dates.{number}"
            try:
                _on(2025, one)
            except (ValueError, AttributeError):
                found.append(
                    Invalid(
                        "bad_date", _("Write the day as month-day, for example 04-01."), field=where
                    )
                )
            else:
                if one in self.dates[:number]:
                    found.append(Invalid("date_twice", _("This day stands twice."), field=where))
        return found


@lru_cache(maxsize=4_096)
def _end_of(window: Window, day: date, joined_on: date | None, zone: str) -> datetime:
    if window.is_rolling:
        return end_of_day(add(day, window.months, "month"), zone)
    return start_of_day(min(one for one in window.starts(day, joined_on) if one > day), zone)


def next_period(at: datetime, zone: str) -> datetime:
    """The first instant of the next local month: when a level reached comes into force where
    neither a year nor a date says so.
    """
    return start_of_day(add(local_day(at, zone).replace(day=1), 1, "month"), zone)


def months_between(first: date, last: date) -> int:
    """Whole months from one day to another, as people count them: 31 January to 28 February is one."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return max(months if add(first, months, "month") <= last else months - 1, 0)


def _on(year: int, text: str) -> date:
    month, day = text.split("-")
    if len(month) != 2 or len(day) != 2:
        raise ValueError(text)
    if text == "02-29":
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, int(month), int(day))
