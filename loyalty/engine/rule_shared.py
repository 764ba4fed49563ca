"""What is wrong with the fields all rules have: name, window, audience, limits, budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.engine import conditions
from loyalty.engine.models import Rule
from loyalty.engine.rules import PERIODS

MAX_LIMITS = 10
# The fields that hold conditions.
AUDIENCES = ("audience", "pilot_audience")
_MEASURES = ("amount", "times")
_LIMIT_KEYS = {"maximum", "period", "measure", "by_all", "rejects"}


def shared_faults(row: Rule) -> list[DomainError]:
    """What is wrong with the fields all rules have."""
    return [fault for judge in _JUDGES for fault in judge(row)]


def _name(row: Rule) -> list[DomainError]:
    return [] if row.name else [Invalid("required", _("Give the rule a name."), field="name")]


def _window(row: Rule) -> list[DomainError]:
    found: list[DomainError] = []
    if row.starts_at and row.ends_at and row.ends_at <= row.starts_at:
        found.append(Invalid("bad_order", _("It ends before it starts."), field="ends_at"))
    days = row.weekdays
    if any(isinstance(day, bool) or day not in range(1, 8) for day in days) or len(
        set(days)
    ) != len(days):
        found.append(
            Invalid(
                "bad_weekdays",
                _("Days are numbers from 1 (Monday) to 7 (Sunday)."),
                field="weekdays",
            )
        )
    if row.minute_from == row.minute_to:
        found.append(
            Invalid("empty_window", _("This time of day is never reached."), field="minute_to")
        )
    return found


def _audience(row: Rule) -> list[DomainError]:
    return [
        fault for name in AUDIENCES for fault in conditions.faults(getattr(row, name), field=name)
    ]


def _limits(row: Rule) -> list[DomainError]:
    if len(row.limits) > MAX_LIMITS:
        return [Invalid("too_many", _("At most %(n)s limits.") % {"n": MAX_LIMITS}, field="limits")]
    return [
        Invalid(
            "bad_limit",
            _(
                "A limit has a maximum from 1, a period (%(periods)s), a measure (%(measures)s), "
                "and may say by_all and rejects."
            )
            % {"periods": ", ".join(PERIODS), "measures": ", ".join(_MEASURES)},
            field=f"limits.{number}",
        )
        for number, limit in enumerate(row.limits)
        if not _is_limit(limit)
    ]


def _is_limit(limit: Any) -> bool:
    if not isinstance(limit, Mapping) or not set(limit) <= _LIMIT_KEYS:
        return False
    maximum = limit.get("maximum")
    return (
        isinstance(maximum, int)
        and not isinstance(maximum, bool)
        and 1 <= maximum <= MAX_MINOR
        and limit.get("period", "day") in PERIODS
        and limit.get("measure", "amount") in _MEASURES
        and isinstance(limit.get("by_all", False), bool)
        and isinstance(limit.get("rejects", False), bool)
    )


def _budget(row: Rule) -> list[DomainError]:
    if row.budget is None or 1 <= row.budget <= MAX_MINOR:
        return []
    return [Invalid("out_of_range", _("A budget is at least 1."), field="budget")]


_JUDGES: tuple[Callable[[Rule], list[DomainError]], ...] = (
    _name,
    _window,
    _audience,
    _limits,
    _budget,
)
