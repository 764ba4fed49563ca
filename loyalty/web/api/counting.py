"""Counters that all web processes share, kept in the cache: no query."""

from __future__ import annotations

from django.core.cache import cache


def count(name: str, *, by: int = 1, seconds: int) -> int:
    """Count on by so many; answers the new count. It is forgotten so long after the first."""
    try:
        return int(cache.incr(name, by))
    except ValueError:  # nobody has counted yet
        cache.add(name, 0, timeout=seconds)
    try:
        return int(cache.incr(name, by))
    except ValueError:  # it lapsed between the two
        return by
