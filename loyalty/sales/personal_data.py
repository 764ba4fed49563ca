"""What sales know of a person: what they bought, where and when."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loyalty.sales.models import Purchase
from loyalty.web import formats
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "purchases": _("Purchases"),
    "receipt": _("Receipt number"),
    "place": _("Place"),
    "happened_at": _("When"),
    "net_minor": _("Amount"),
    "refunded_minor": _("Refunded"),
    "lines": _("Goods"),
    "sku": _("Product code"),
    "quantity_milli": _("Quantity"),
}


def export(member: Member) -> dict[str, Any]:
    """Every purchase with its lines, those of cards merged into theirs too, oldest first."""
    theirs = Q(member=member) | Q(member__merged_into=member)
    rows = Purchase.objects.select_related("location", "merchant").prefetch_related("lines")
    return {
        "purchases": [
            {
                "id": row.public_id,
                "receipt": row.receipt,
                "place": row.location.name if row.location else row.merchant.name,
                "happened_at": row.happened_at.isoformat(),
                "net_minor": row.net_minor,
                "refunded_minor": row.refunded_minor,
                "lines": [
                    {
                        "sku": line.sku,
                        "name": line.name,
                        "quantity_milli": line.quantity_milli,
                        "net_minor": line.net_minor,
                    }
                    for line in sorted(row.lines.all(), key=lambda line: line.number)
                ],
            }
            for row in rows.filter(theirs).order_by("happened_at", "pk")
        ]
    }


def shown(_section: str, rows: Any) -> Any:
    """Lines in words, for the page."""
    return [{**row, "lines": [_line(one) for one in row["lines"]]} for row in rows]


def _line(line: dict[str, Any]) -> str:
    quantity = formats.quantity_text(line["quantity_milli"])
    return f"{quantity} × {line['name'] or line['sku'] or '–'}"


def erase(member: Member) -> None:
    """The books keep what was sold; that it was them goes with their name."""
