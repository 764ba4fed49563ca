"""Sales of the past as mechanics see them, for whoever counts them anew."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Prefetch, Q

from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.ports import PastSale
from loyalty.sales.models import Purchase, PurchaseLine
from loyalty.sales.rules import LineState
from loyalty.sales.selectors.recorded import sale_of
from loyalty.tenancy.scope import at_every_merchant
from members.profiles.models import Member


def past_sales(member: Member, *, since: datetime | None) -> list[PastSale]:
    """The sales of a member since an instant that were not wholly given back, oldest first.

    Two queries, however many they are.
    """
    standing = Q(refunded_minor=0) | Q(refunded_minor__lt=F("net_minor") + F("extras_minor"))
    with at_every_merchant():
        rows = Purchase.objects.filter(standing, member=member)
        lines = Prefetch("lines", PurchaseLine.objects.order_by("number"))
    if since is not None:
        rows = rows.filter(happened_at__gte=since)
    rows = rows.select_related("activity", "location").prefetch_related(lines)
    return [_past(row, list(row.lines.all())) for row in rows.order_by("happened_at", "id")]


def line_state(line: PurchaseLine) -> LineState:
    """A sold line as a plain value."""
    return LineState(
        number=line.number,
        kind=line.kind,
        quantity_milli=line.quantity_milli,
        net_minor=line.net_minor,
        refunded_milli=line.refunded_milli,
        refunded_minor=line.refunded_minor,
        paid_minor=line.paid_minor,
    )


def _past(row: Purchase, lines: list[PurchaseLine]) -> PastSale:
    activity = ActivityData(
        type=PURCHASE,
        key=row.public_id,
        public_id=row.public_id,
        happened_at=row.happened_at,
        location=row.location.public_id if row.location else "",
        sale=sale_of(row, lines),
    )
    portions = {line.number: line_state(line).portion for line in lines}
    return PastSale(row=row.activity, activity=activity, portions=portions)
