"""What subscriptions know of a person: where it is brought, and what they wrote to the shop."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.services import forget_answers
from members.profiles.models import Member
from tiers.subscriptions.models import Order, Subscription

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "subscriptions": _("Subscriptions"),
    "offer": _("Offer"),
    "began_at": _("Began at"),
    "address": _("Address"),
    "note": _("Note"),
}


def export(member: Member) -> dict[str, Any]:
    """Every subscription with its place and note, for the member's own copy."""
    rows = Subscription.objects.select_related("offer").filter(member=member).order_by("id")
    return {
        "subscriptions": [
            {
                "id": row.public_id,
                "offer": row.offer.name,
                "state": str(row.state),
                "began_at": row.began_at.isoformat(),
                "address": row.address,
                "note": row.note,
            }
            for row in rows
        ]
    }


def erase(member: Member) -> None:
    """Addresses and notes go; what was delivered, and for how much, stays in the books."""
    for rows in (Subscription.objects.filter(member=member), Order.objects.filter(member=member)):
        forget_answers(rows.values_list("public_id", flat=True), "address", "note")
        rows.update(address="", note="")
