"""Where messages ask the engine who is meant, without importing it (``members`` stands below).

``members.messaging`` finds this module by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from loyalty.common.errors import DomainError
from loyalty.engine import conditions
from loyalty.engine.audience import holding, narrowed
from loyalty.engine.fact_info import fact_options
from loyalty.engine.matching import Moment
from loyalty.engine.rule_rows import condition_text
from loyalty.engine.rule_values import condition_faults
from loyalty.tenancy.models import Programme

_MANY = 500


def audience_faults(audience: Sequence[Mapping[str, Any]]) -> list[DomainError]:
    """What is wrong with conditions, by their place: ``audience.0.value``."""
    return [*conditions.faults(audience)] or condition_faults(audience, field="audience")


def segments() -> dict[Any, str]:
    """The segments there are, by code, for a form."""
    return fact_options("segment")


def audience_texts(audience: Sequence[Mapping[str, Any]], *, currency: str) -> list[str]:
    """The conditions in words, for people."""
    return [condition_text(one, currency=currency) for one in audience]


def members_in(
    audience: Sequence[Mapping[str, Any]], *, among: set[int], programme: Programme, at: datetime
) -> list[int]:
    """Those of the members (by primary key) for whom all conditions hold at an instant."""
    moment = Moment(at, programme.timezone)
    rows, rest = narrowed(conditions.parse(list(audience)), moment)
    found: list[int] = []
    keys = sorted(among)
    for start in range(0, len(keys), _MANY):
        some = list(rows.filter(pk__in=keys[start : start + _MANY]).order_by("pk"))
        held = holding(some, rest, programme=programme, at=at) if rest else some
        found += [one.pk for one in held]
    return found
