"""Periods, buckets and shares of reports: pure arithmetic on days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Step = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Period:
    """Whole local days from ``first`` to ``last``, drawn in steps."""

    first: date
    last: date
    step: Step

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The period of the same length just before this one."""
        return Period(self.first - timedelta(self.days), self.first - timedelta(1), self.step)

    def buckets(self) -> list[date]:
        """The first day of every step the period touches."""
        found = [bucket_of(self.first, self.step)]
        while (following := _after(found[-1], self.step)) <= self.last:
            found.append(following)
        return found


def period_of(name: str, *, today: date) -> Period:
    """``7d``, ``30d``, ``90d`` or ``12m`` up to today; another name means 30 days."""
    if name == "7d":
        return Period(today - timedelta(6), today, "day")
    if name == "90d":
        return Period(today - timedelta(89), today, "week")
    if name == "12m":
        first = date(today.year - 1, today.month, 1)
        return Period(_after(first, "month"), today, "month")
    return Period(today - timedelta(29), today, "day")


def bucket_of(day: date, step: Step) -> date:
    """The first day of the step a day lies in; weeks begin on Monday."""
    if step == "week":
        return day - timedelta(day.weekday())
    return day.replace(day=1) if step == "month" else day


def fill(buckets: list[date], amounts: Iterable[tuple[date, int]], step: Step) -> tuple[int, ...]:
    """Sums per bucket, zero where nothing happened."""
    sums = dict.fromkeys(buckets, 0)
    for day, amount in amounts:
        bucket = bucket_of(day, step)
        if bucket in sums:
            sums[bucket] += amount
    return tuple(sums.values())


def change_bp(now: int, before: int) -> int | None:
    """The change in basis points; ``None`` where there was nothing to compare with."""
    return (now - before) * 10_000 // before if before else None


def share_bp(part: int, whole: int) -> int:
    """A share in basis points, rounded down; 0 of nothing."""
    return part * 10_000 // whole if whole else 0


def _after(bucket: date, step: Step) -> date:
    if step == "month":
        return (bucket.replace(day=28) + timedelta(4)).replace(day=1)
    return bucket + timedelta(7 if step == "week" else 1)
