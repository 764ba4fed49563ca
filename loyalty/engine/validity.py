"""How long an award waits and how long it lives: pure arithmetic on local days.

What must stay true: month arithmetic clamps to the month's last day (31 January + 1 month is
28 February); a lot dies at the end of its local day; what waits begins to age when it ripens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import end_of_day, local_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.ledger.states import LotTerms

MAX_DATES = 20
_MONTHS_PER = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}

ExpiryKind = Literal["none", "rolling", "dates", "sliding"]
WaitKind = Literal["none", "days", "date", "event"]


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """When an award dies.

    Args:
        kind: ``none``; ``rolling`` after ``count`` ``unit``; ``sliding`` the same, counted anew with
            each activity; ``dates`` on the next of ``dates`` (``count`` 2: the one after a year).
        unit: ``day``, ``month`` or ``year``.
        round_up: ``month``, ``quarter``, ``half_year`` or ``year``: to the end of it.
        dates: ``MM-DD``, each year.
    """

    kind: ExpiryKind = "none"
    count: int = 1
    unit: str = "month"
    round_up: str = ""
    dates: tuple[str, ...] = ()

    def instant(self, start: datetime, zone: str) -> datetime | None:
        """When an award that can be spent from ``start`` dies; ``None`` never."""
        if self.kind == "none":
            return None
        day = local_day(start, zone)
        if self.kind == "dates":
            return end_of_day(_next_date(day, self.dates, self.count), zone)
        return _end_of(day, self.count, self.unit, self.round_up, zone)

    def stored(self) -> dict[str, Any]:
        """As JSON, for a lot that waits for an event."""
        return {
            "kind": self.kind,
            "count": self.count,
            "unit": self.unit,
            "round_up": self.round_up,
            "dates": list(self.dates),
        }


NEVER = Expiry()


def expiry_from(stored: Mapping[str, Any] | None) -> Expiry:
    """The expiry a waiting lot carries; none where it carries nothing."""
    if not stored:
        return NEVER
    return Expiry(**{**stored, "dates": tuple(stored.get("dates", ()))})


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long an award waits before it can be spent.

    Args:
        kind: ``none``; ``days`` for ``days``; ``date`` until the end of ``until``; ``event`` until
            the event ``event`` comes, at most ``cancel_after_days`` (0: for ever), else it lapses.
    """

    kind: WaitKind = "none"
    days: int = 0
    until: date | None = None
    event: str = ""
    cancel_after_days: int = 0


NO_WAIT = Wait()


def lot_terms(*, wait: Wait, expiry: Expiry, at: datetime, zone: str) -> LotTerms:
    """The terms of a lot awarded at an instant: its age, like its expiry, counts from then."""
    if wait.kind == "none" and expiry.kind == "none":
        return LotTerms.made(opened_at=at)
    slides = expiry.kind == "sliding"
    if wait.kind == "event":
        deadline = at + timedelta(days=wait.cancel_after_days) if wait.cancel_after_days else None
        return LotTerms.made(
            waits_for=wait.event,
            lapses_at=deadline,
            expiry_term=None if expiry.kind == "none" else expiry.stored(),
            slides=slides,
            opened_at=at,
        )
    ripens_at = _ripens_at(wait, at, zone)
    return LotTerms.made(
        ripens_at=ripens_at,
        expires_at=expiry.instant(ripens_at or at, zone),
        slides=slides,
        opened_at=at,
    )


def add(day: date, count: int, unit: str) -> date:
    """A day so many days, months or years later; clamps to the month's last day."""
    return day + relativedelta(
        days=count if unit == "day" else 0,
        months=count if unit == "month" else 0,
        years=count if unit == "year" else 0,
    )


@lru_cache(maxsize=4_096)
def _end_of(day: date, count: int, unit: str, rounded_to: str, zone: str) -> datetime:
    # Whatever is awarded on one day dies on one day.
    return end_of_day(round_up(add(day, count, unit), rounded_to), zone)


def round_up(day: date, period: str) -> date:
    """The last day of the month, quarter, half-year or year a day lies in; itself without one."""
    if not period:
        return day
    months = _MONTHS_PER[period]
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    return add(first, months, "month") - timedelta(days=1)


def problems(expiry: Expiry, wait: Wait) -> list[DomainError]:
    """What is wrong with them, naming the fields ``expiry_*`` and ``wait_*``."""
    found: list[DomainError] = []
    if expiry.kind != "none" and not 1 <= expiry.count <= 3_650:
        found.append(
            Invalid(
                "out_of_range",
                _("Give a number from 1 to %(n)s.") % {"n": 3650},
                field="expiry_count",
            )
        )
    if expiry.kind == "dates":
        found += _date_problems(expiry.dates)
    if wait.kind == "days" and not 1 <= wait.days <= 3_650:
        found.append(
            Invalid(
                "out_of_range", _("Give a number from 1 to %(n)s.") % {"n": 3650}, field="wait_days"
            )
        )
    if wait.kind == "date" and wait.until is None:
        found.append(Invalid("required", _("Say until which day."), field="wait_until"))
    if wait.kind == "event" and not wait.event:
        found.append(Invalid("required", _("Name the event to wait for."), field="wait_event"))
    return found


def first_date(before: str, values: Mapping[str, Any]) -> dict[str, int]:
    """The number that a change to fixed days goes with where it says none: the next of them. What
    stood there counted months, and would let them pass for as many years.

    Args:
        before: the kind of expiry until now.
    """
    turns = values.get("expiry_kind") == "dates" and before != "dates"
    return {"expiry_count": 1} if turns and "expiry_count" not in values else {}


def _date_problems(dates: Sequence[str]) -> list[DomainError]:
    if not 1 <= len(dates) <= MAX_DATES:
        return [
            Invalid(
                "bad_dates", _("Give 1 to %(n)s dates.") % {"n": MAX_DATES}, field="expiry_dates"
            )
        ]
    for number, text in enumerate(dates):
        try:
            _on(2024, str(text))
        except ValueError:
            return [
                Invalid(
                    "bad_date",
                    _("Write the day as month-day, for example 12-31."),
                    field=f"expiry_dates.{number}",
                )
            ]
    return []


def _ripens_at(wait: Wait, at: datetime, zone: str) -> datetime | None:
    if wait.kind == "days":
        return at + timedelta(days=wait.days)
    if wait.kind == "date" and wait.until is not None:
        ripens_at = end_of_day(wait.until, zone)
        return ripens_at if ripens_at > at else None
    return None


def _next_date(day: date, dates: Sequence[str], nth: int) -> date:
    """The next of the yearly dates behind a day: what is earned on the very day lives on."""
    found = min(
        on for year in (day.year, day.year + 1) for text in dates if (on := _on(year, text)) > day
    )
    return add(found, nth - 1, "year")


def _on(year: int, text: str) -> date:
    month, day = (int(part) for part in text.split("-"))
    if (month, day) == (2, 29) and not _is_leap(year):
        day = 28
    return date(year, month, day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
