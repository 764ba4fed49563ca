"""A condition put to the database: for every member the answer ``Condition.holds`` gives for one.

A fact says how (:class:`~loyalty.engine.fact_info.FactInfo`, ``where``): from operator, value and
moment to a ``Q`` over members, or ``None`` where only Python can tell. What must stay true: both
ways agree for every operator, a value of another type, and a fact that is not known of somebody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.lookups import (
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is asked, and the time zone that days are counted in."""

    at: datetime
    zone: str


Where = Callable[[str, Any, Moment], Q | None]
Column = Callable[[Moment], Any]

NOBODY = Q(pk__in=[])
_ORDER: dict[str, Any] = {
    "gte": GreaterThanOrEqual,
    "lte": LessThanOrEqual,
    "gt": GreaterThan,
    "lt": LessThan,
}
_IS, _IS_NOT = ("eq", "in"), ("ne", "not_in")
_HOLDS, _LACKS = (*_IS, "contains"), (*_IS_NOT, "lacks")
# Further back there is no calendar; further ahead there are no members.
_MOST_DAYS, _LEAST_DAYS = 700_000, -10_000


def as_number(column: Column) -> Where:
    """A fact that is a whole number, by the expression over members that answers it."""

    def where(op: str, value: Any, moment: Moment) -> Q | None:
        if op in _ORDER:
            return Q(_ORDER[op](column(moment), value)) if _is_number(value) else NOBODY
        return _one_of(column(moment), op, value, fits=_is_number)

    return where


def as_text(column: Column) -> Where:
    """A fact that is one text."""

    def where(op: str, value: Any, moment: Moment) -> Q | None:
        return _one_of(column(moment), op, value, fits=lambda one: isinstance(one, str))

    return where


def as_flag(holds: Callable[[Moment], Q]) -> Where:
    """A fact that is yes or no, by what makes it a yes."""

    def where(op: str, value: Any, moment: Moment) -> Q | None:
        if op not in (*_IS, *_IS_NOT):
            return None
        wanted = _wanted(op, value)
        yes, no = any(one == 1 for one in wanted), any(one == 0 for one in wanted)
        found = ~NOBODY if yes and no else NOBODY
        if yes != no:
            found = holds(moment) if yes else ~holds(moment)
        return found if op in _IS else ~found

    return where


def as_texts(has: Callable[[str, Moment], Q | None]) -> Where:
    """A fact that is several texts at once, by what makes it hold one of them."""

    def where(op: str, value: Any, moment: Moment) -> Q | None:
        if op not in (*_HOLDS, *_LACKS):
            return None
        found = NOBODY
        for one in _wanted(op, value):
            asked = has(one, moment) if isinstance(one, str) else NOBODY
            if asked is None:
                return None
            found |= asked
        return found if op in _HOLDS else ~found

    return where


def as_days(column: Column) -> Where:
    """A fact that is the whole days gone by since an instant, by the expression of that instant."""

    def where(op: str, value: Any, moment: Moment) -> Q | None:
        since = column(moment)
        if op in _ORDER:
            return _compared(since, op, value, moment) if _is_number(value) else NOBODY
        if op not in (*_IS, *_IS_NOT):
            return None
        never, found = Q(IsNull(since, True)), NOBODY
        for one in filter(_is_number, _wanted(op, value)):
            least, most = (_compared(since, way, one, moment) for way in ("gte", "lte"))
            found |= least & most
        if None in _wanted(op, value):
            return never | found if op in _IS else ~never & ~found
        return found if op in _IS else never | ~found

    return where


def _compared(since: Any, op: str, days: int, moment: Moment) -> Q:
    """So many whole days have gone by when the instant lies that long ago or longer."""
    days = min(max(int(days), _LEAST_DAYS), _MOST_DAYS)
    edge = moment.at - timedelta(days=days + (op in ("gt", "lte")))
    return Q((LessThanOrEqual if op in ("gte", "gt") else GreaterThan)(since, edge))


def _one_of(column: Any, op: str, value: Any, *, fits: Callable[[Any], bool]) -> Q | None:
    if op not in (*_IS, *_IS_NOT):
        return None
    known = [one for one in _wanted(op, value) if fits(one)]
    found = Q(In(column, known)) if known else NOBODY
    return found if op in _IS else Q(IsNull(column, True)) | ~found


def _wanted(op: str, value: Any) -> list[Any]:
    return list(value) if op in ("in", "not_in") else [value]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
