"""How often rules fired and what they gave, as one composed question to the database."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from loyalty.engine.effects import EFFECTS
from loyalty.engine.models import AppliedEffect
from loyalty.tenancy.statements import Sums


@cache
def usage_of(rules: int, *narrowed: str) -> Sums:
    """How often so many rules count as fired and what they gave; since when, and to whom, if asked."""
    besides = [kind for kind, effect in EFFECTS.items() if not effect.counts]

    def build(**values: Any) -> QuerySet[AppliedEffect]:
        asked = {"rule__in": [values[f"rule_{number}"] for number in range(rules)]}
        if "since" in narrowed:
            asked["happened_at__gte"] = values["since"]
        if "member" in narrowed:
            asked["member"] = values["member"]
        rows = AppliedEffect.objects.filter(**asked, undone__lt=F("amount"))
        return rows.exclude(kind__in=besides)

    return Sums(build, count=Count("id"), amount=Sum(F("amount") - F("undone")))
