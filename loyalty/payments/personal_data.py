"""What payments know of a person: their bills, and what became of them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.payments.models import Charge
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "bills": _("Bills"),
    "reference": _("Number of the bill"),
    "amount_minor": _("Amount"),
    "paid_minor": _("Paid"),
    "refunded_minor": _("Refunded"),
    "created_at": _("Opened"),
    "paid_at": _("Paid at"),
}


def export(member: Member) -> dict[str, Any]:
    """Every bill, oldest first. Card data never came here."""
    rows = Charge.objects.filter(member=member).order_by("pk")
    return {
        "bills": [
            {
                "id": row.public_id,
                "reference": row.reference,
                "text": row.text,
                "amount_minor": row.amount_minor,
                "paid_minor": row.paid_minor,
                "refunded_minor": row.refunded_minor,
                "state": str(row.state),
                "created_at": row.created_at.isoformat(),
                "paid_at": row.paid_at.isoformat() if row.paid_at else None,
            }
            for row in rows
        ]
    }


def erase(member: Member) -> None:
    """The books keep what was paid; that it was them goes with their name."""
