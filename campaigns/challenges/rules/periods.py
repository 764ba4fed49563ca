"""Stretches of local time a mission counts in, and the days and weeks of a streak as numbers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from loyalty.common.clock import local_day, start_of_day

DAY, WEEK, MONTH, ONCE = "day", "week", "month", "once"


class Span(NamedTuple):
    """One stretch: its name among those of its mission (empty: the one there is) and its end."""

    key: str
    ends_at: datetime | None


def span_of(period: str, at: datetime, zone: str) -> Span:
    """The stretch of a mission an instant lies in: a local day, ISO week or month, or all time."""
    if period == ONCE:
        return Span("", None)
    day = local_day(at, zone)
    if period == DAY:
        return Span(day.isoformat(), start_of_day(day + timedelta(days=1), zone))
    if period == WEEK:
        monday = day - timedelta(days=day.weekday())
        year, week, _day = day.isocalendar()
        return Span(f"{year}-W{week:02}", start_of_day(monday + timedelta(days=7), zone))
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Span(f"{day:%Y-%m}", start_of_day(following, zone))


def unit_number(unit: str, day: date) -> int:
    """A local day, or the week it lies in, counted from the first Monday there is.

    Days have no gap at a leap day or a new year, weeks none between two years.
    """
    number = day.toordinal()
    return (number - 1) // 7 if unit == WEEK else number


def first_day(unit: str, number: int) -> date:
    """The first day of what :func:`unit_number` counts."""
    return date.fromordinal(number * 7 + 1 if unit == WEEK else number)
