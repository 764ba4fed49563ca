"""Pages of a list by keyset: a sealed cursor, never an offset, so no page is slow or shifts.

A list runs over one ordering with the primary key last. The cursor holds the last row's values,
sealed (integer keys never leave us) and bound to the list and the programme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid
from loyalty.common.sealing import BrokenSealError, seal, unseal

Row = TypeVar("Row", bound=Model)

DEFAULT_LIMIT, MAX_LIMIT = 25, 100
_PURPOSE = "api-cursor"


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page as it is answered."""

    data: Sequence[Any]
    has_more: bool
    next_cursor: str | None


def parse_limit(text: str | None) -> int:
    """The page size asked for. Raises ``Invalid``."""
    if text is None:
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_LIMIT:
        raise Invalid(
            "bad_limit",
            _("Give a limit from 1 to %(maximum)s.") % {"maximum": MAX_LIMIT},
            field="limit",
        )
    return int(text)


def paginate(
    rows: QuerySet[Row],
    *,
    order: Sequence[str],
    cursor: str | None,
    limit: int,
    bound_to: str,
    present: Callable[[Row], Any],
) -> Page:
    """One page of the rows in this order (``("-happened_at", "-id")``). One query.

    ``bound_to`` names the list and its programme: a cursor of another is refused. Raises
    ``Invalid`` (``bad_cursor``).
    """
    if cursor is not None:
        rows = rows.filter(_after(order, _opened(cursor, bound_to, len(order))))
    found = list(rows.order_by(*order)[: limit + 1])
    has_more = len(found) > limit
    found = found[:limit]
    last = _sealed(found[-1], order, bound_to) if has_more else None
    return Page(data=[present(row) for row in found], has_more=has_more, next_cursor=last)


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows behind these values: the first field differs, or is equal and the next differs …"""
    wanted, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, compare = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        wanted |= equal & Q(**{f"{field}__{compare}": value})
        equal &= Q(**{field: value})
    return wanted


def _sealed(row: Model, order: Sequence[str], bound_to: str) -> str:
    values = [_value(row, name.lstrip("-")) for name in order]
    return seal(orjson.dumps([bound_to, *values]).decode(), purpose=_PURPOSE)


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _opened(cursor: str, bound_to: str, length: int) -> list[Any]:
    try:
        kept, *values = orjson.loads(unseal(cursor, purpose=_PURPOSE))
    except (BrokenSealError, ValueError) as error:
        raise bad_cursor() from error
    if kept != bound_to or len(values) != length:
        raise bad_cursor()
    return [_instant(value) for value in values]


def _instant(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def bad_cursor() -> Invalid:
    """The refusal of a cursor that is not one of this list."""
    return Invalid(
        "bad_cursor",
        _("This cursor is not one of this list. Begin again without a cursor."),
        field="cursor",
    )
