"""What members bought up to an instant: for some members as values, for all as expressions.

Both read the same bills: those not wholly given back. A bill's worth is its goods after discounts
less what was refunded of it, never below nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest

from loyalty.engine.matching import Moment
from loyalty.engine.world import WINDOWS, Bought
from loyalty.sales.models import Product, Purchase
from loyalty.tenancy.scope import at_every_merchant

_WORTH = Greatest(F("net_minor") - F("refunded_minor"), Value(0))
_MOST_OPTIONS = 300


def bought(member_ids: Collection[int], *, at: datetime) -> dict[int, Mapping[int, Bought]]:
    """What these members bought up to an instant, by member and window. One query."""
    figures: dict[str, Any] = {}
    for days in WINDOWS:
        within = Q(happened_at__gte=at - timedelta(days=days)) if days else Q()
        figures[f"count_{days}"] = Count("pk", filter=within)
        figures[f"net_{days}"] = Sum(_WORTH, filter=within)
        figures[f"last_{days}"] = Max("happened_at", filter=within)
    rows = _bills(Moment(at, "UTC")).filter(member__in=member_ids).values("member")
    found = {row["member"]: row for row in rows.annotate(**figures)}
    return {member_id: _windows(found.get(member_id, {})) for member_id in member_ids}


def counted_bills(moment: Moment, *, days: int) -> Any:
    """How many bills, over the table of members."""
    return Coalesce(_of_each(_bills(moment, days=days), Count("pk")), 0)


def summed_bills(moment: Moment, *, days: int) -> Any:
    """What was spent, over the table of members."""
    return Coalesce(_of_each(_bills(moment, days=days), Sum(_WORTH)), 0)


def last_bill(moment: Moment) -> Any:
    """When the last bill was, over the table of members; nothing where there is none."""
    return _of_each(_bills(moment), Max("happened_at"))


def product_names() -> list[tuple[str, str]]:
    """Products on sale by code, the first few hundred by name. One query."""
    rows = Product.objects.filter(is_active=True).order_by("name")
    return list(rows.values_list("sku", "name")[:_MOST_OPTIONS])


def _bills(moment: Moment, *, days: int = 0) -> QuerySet[Purchase]:
    standing = Q(refunded_minor=0) | Q(refunded_minor__lt=F("net_minor") + F("extras_minor"))
    with at_every_merchant():
        rows = Purchase.objects.filter(standing, happened_at__lte=moment.at)
    if days:
        rows = rows.filter(happened_at__gte=moment.at - timedelta(days=days))
    return rows.order_by()


def _of_each(bills: QuerySet[Purchase], figure: Any) -> Subquery:
    own = bills.filter(member=OuterRef("pk")).values("member")
    return Subquery(own.annotate(figure=figure).values("figure"))


def _windows(row: Mapping[str, Any]) -> dict[int, Bought]:
    return {
        days: Bought(
            row.get(f"count_{days}") or 0, row.get(f"net_{days}") or 0, row.get(f"last_{days}")
        )
        for days in WINDOWS
    }
