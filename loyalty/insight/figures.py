"""What is counted per day, read from the sources: sales, refunds, buyers, new members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from loyalty.common.clock import end_of_day, start_of_day
from loyalty.insight.models import DayFigure
from loyalty.sales.models import Purchase, Refund
from members.profiles.models import Member

PURCHASES, SALES, DISCOUNTS, BUYERS = "purchases", "sales_minor", "discount_minor", "buyers"
REFUNDS, REFUNDED, JOINED = "refunds", "refunded_minor", "joined"

# Rows committed a little out of order are found by looking back this many ids.
LOOK_BACK = 200


@dataclass(frozen=True, kw_only=True)
class Heads:
    """The newest row of each source that was read."""

    purchase_id: int
    refund_id: int
    member_id: int


def heads() -> Heads:
    """The newest rows there are. Three index look-ups."""
    return Heads(
        purchase_id=_newest(Purchase.objects.all()),
        refund_id=_newest(Refund.objects.all()),
        member_id=_newest(Member.objects.all()),
    )


def days_touched(since: Heads, *, zone: str) -> set[date]:
    """The local days that rows newer than these (and a few older) belong to."""
    found = set()
    for rows, field, last in (
        (Purchase.objects.all(), "happened_at", since.purchase_id),
        (Refund.objects.all(), "happened_at", since.refund_id),
        (Member.objects.all(), "joined_at", since.member_id),
    ):
        newer = rows.filter(pk__gt=last - LOOK_BACK)
        days = newer.annotate(day=TruncDate(field, tzinfo=ZoneInfo(zone))).order_by()
        found |= set(days.values_list("day", flat=True).distinct())
    return found


def figures_of(*, zone: str, days: Iterable[date] | None = None) -> list[DayFigure]:
    """Unsaved figures of some days, or of all."""
    wanted = None if days is None else sorted(days)
    return [
        *_sums(
            Purchase.objects.all(),
            "happened_at",
            ("merchant", "location"),
            zone=zone,
            days=wanted,
            **{
                PURCHASES: Count("id"),
                SALES: Sum(F("net_minor") + F("extras_minor")),
                DISCOUNTS: Sum("discount_minor"),
            },
        ),
        # A person who buys at two branches on one day is one buyer: no merchant, no location here.
        *_sums(
            Purchase.objects.all(),
            "happened_at",
            (),
            zone=zone,
            days=wanted,
            **{BUYERS: Count("member", distinct=True)},
        ),
        *_sums(
            Refund.objects.all(),
            "happened_at",
            ("merchant",),
            zone=zone,
            days=wanted,
            **{REFUNDS: Count("id"), REFUNDED: Sum("amount_minor")},
        ),
        *_sums(
            Member.objects.exclude(state=Member.State.MERGED),
            "joined_at",
            (),
            zone=zone,
            days=wanted,
            **{JOINED: Count("id")},
        ),
    ]


def _sums(
    rows: QuerySet[Any],
    field: str,
    by: tuple[str, ...],
    *,
    zone: str,
    days: list[date] | None,
    **sums: Any,
) -> list[DayFigure]:
    if days is not None:
        within = Q(pk__in=())
        for day in days:
            start, end = start_of_day(day, zone), end_of_day(day, zone)
            within |= Q(**{f"{field}__gte": start, f"{field}__lt": end})
        rows = rows.filter(within)
    grouped = (
        rows.annotate(day=TruncDate(field, tzinfo=ZoneInfo(zone)))
        .values("day", *by)
        .annotate(**{f"sum_{name}": value for name, value in sums.items()})
        .order_by()
    )
    return [
        DayFigure(
            day=row["day"],
            merchant_id=row.get("merchant"),
            location_id=row.get("location"),
            figure=name,
            value=row[f"sum_{name}"] or 0,
        )
        for row in grouped
        for name in sums
        if row[f"sum_{name}"]
    ]


def _newest(rows: QuerySet[Any]) -> int:
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0
