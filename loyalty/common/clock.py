"""Instants and local days. A command reads the clock once and passes ``now`` on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_PLAYED: ContextVar[datetime | None] = ContextVar("played", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _PLAYED.get() or datetime.now(UTC)


@contextmanager
def played_at(instant: datetime) -> Iterator[None]:
    """Let commands run as of another instant: a demo's history, a story told by a test.

    Never reachable from a request.
    """
    token = _PLAYED.set(instant)
    try:
        yield
    finally:
        _PLAYED.reset(token)


@lru_cache(maxsize=4_096)
def local_day(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in a time zone such as ``Asia/Ho_Chi_Minh``."""
    return instant.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4_096)
def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


# "For ever" as people type it (9999-12-31) has no day after it.
_LAST_DAY = date(9998, 12, 31)


def end_of_day(day: date, zone: str) -> datetime:
    """The instant a local day is over (the first instant of the next), in UTC."""
    return start_of_day(min(day, _LAST_DAY) + timedelta(days=1), zone)
