"""The days of a subscription. All are counted from its first day, so 31 January comes again on the last
of February and on 31 March; the day is the programme's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loyalty.engine.validity import add
from tiers.subscriptions.rules.terms import WEEK, OfferTerms

# Members are told so long before a delivery is closed.
NOTICE = timedelta(days=2)
# So often in a row a delivery can be skipped; for longer there is the pause.
MOST_SKIPS = 3
# A first delivery, and one put off, lie at most so far ahead.
FARTHEST = timedelta(days=92)
_LOOK_AHEAD = 2_000


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """Every so many weeks or months from a first day on."""

    anchor_on: date
    every: int
    unit: str

    def slot(self, number: int) -> date:
        """The day of a delivery by number, from 0."""
        if self.unit == WEEK:
            return self.anchor_on + timedelta(weeks=number * self.every)
        return add(self.anchor_on, number * self.every, self.unit)

    def slots(self, *, after: int = 0) -> Iterator[tuple[int, date]]:
        """All days from a number on."""
        for number in range(after, after + _LOOK_AHEAD):
            yield number, self.slot(number)

    def count(self, since: date, months: int) -> int:
        """How many deliveries lie in so many months from a day on."""
        until = add(since, months, "month")
        found = 0
        for _number, on in self.slots():
            if on >= until:
                return found
            found += on >= since
        return found

    def days_after(self, on: date) -> int:
        """Days from a delivery to the next one."""
        following = next((day for _n, day in self.slots() if day > on), on)
        return (following - on).days


def deliver_on(slot_on: date, weekdays: Collection[int]) -> date:
    """The day it comes: the slot's own, or the next the offer delivers on (1 Monday … 7 Sunday)."""
    day = slot_on
    while weekdays and day.isoweekday() not in weekdays:
        day += timedelta(days=1)
    return day


def cutoff(day: date, terms: OfferTerms, zone: str) -> datetime:
    """Until when a delivery on this day can be changed: so many days before, at the hour."""
    at = time(terms.cutoff_hour)
    return datetime.combine(day - timedelta(days=terms.cutoff_days), at, ZoneInfo(zone)).astimezone(
        UTC
    )


def first_possible(terms: OfferTerms, *, now: datetime, zone: str) -> date:
    """The first day a delivery that is ordered now can come."""
    day = now.astimezone(ZoneInfo(zone)).date()
    while True:
        day = deliver_on(day, terms.weekdays)
        if cutoff(day, terms, zone) > now:
            return day
        day += timedelta(days=1)


def whole_months(since: date, until: date) -> int:
    """Whole months from a day to another; 31 January to 28 February is one."""
    months = (until.year - since.year) * 12 + until.month - since.month
    return max(months - 1 if add(since, months, "month") > until else months, 0)
