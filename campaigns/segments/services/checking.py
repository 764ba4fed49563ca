"""What conditions of a segment must be: known, of members, and not leaning on the segment itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.segments import selectors
from campaigns.segments.rules import FACT, MOST_CONDITIONS, circle, named
from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.conditions import ACTIVITY_FACTS, Condition, faults, parse
from loyalty.engine.rule_values import complain, condition_faults


def checked(segment: str, conditions: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """The conditions of a segment, put to all the tests they must pass.

    Args:
        segment: its code (or public id); empty for one that has none yet.

    Raises ``Invalid`` or ``Several``, each by its place.
    """
    if not 1 <= len(conditions) <= MOST_CONDITIONS:
        raise Invalid(
            "bad_conditions",
            _("Give 1 to %(n)s conditions.") % {"n": MOST_CONDITIONS},
            field="conditions",
        )
    complain([*faults(conditions, field="conditions")])
    parsed = parse(conditions, field="conditions")
    found: list[DomainError] = [
        Invalid(
            "fact_of_activity",
            _("This is known of a sale, not of a member. Put it into the rule."),
            field=f"conditions.{number}.fact",
        )
        for number, one in enumerate(parsed)
        if one.fact in ACTIVITY_FACTS
    ]
    code = selectors.code_of(segment)
    leans_on = {**selectors.leanings(apart=code), code: named(parsed)}
    around = circle(code, leans_on) if code else []
    if around:
        number = next(
            n for n, one in enumerate(parsed) if one.fact == FACT and around[1] in named([one])
        )
        found.append(
            Invalid(
                "segment_circle",
                _("It would lean on itself: %(way)s.") % {"way": " → ".join(around)},
                field=f"conditions.{number}.value",
            )
        )
    complain(found or condition_faults(conditions, field="conditions"))
    return parsed
