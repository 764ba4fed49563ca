"""What partners' offers know of a person: their codes, their cards and payments at partners."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import OfferCode, PartnerCard, PartnerTransaction
from loyalty.commands.services import forget_answers
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "partner_offers": _("Offers of partners"),
    "partner_cards": _("Cards at partners"),
    "partner_payments": _("Payments at partners"),
    "partner": _("Partner"),
    "offer": _("Offer of a partner"),
    "code": _("Code"),
    "claimed_at": _("Taken at"),
    "used_at": _("Used at"),
    "reference": _("Reference"),
    "opened_on": _("Opened on"),
    "transaction": _("Transaction"),
    "amount_minor": _("Amount paid"),
    "refunded_minor": _("Amount given back"),
    "happened_at": _("Happened at"),
}


def export(member: Member) -> dict[str, Any]:
    """Every code with its offer, every card with what was paid."""
    codes = OfferCode.objects.select_related("offer", "partner").filter(member=member)
    cards = PartnerCard.objects.select_related("partner").filter(member=member)
    payments = PartnerTransaction.objects.select_related("partner").filter(member=member)
    return {
        "partner_offers": [
            {
                "partner": row.partner.name,
                "offer": row.offer.name,
                "code": row.code,
                "state": str(row.state),
                "claimed_at": row.claimed_at.isoformat(),
                "used_at": row.used_at.isoformat() if row.used_at else None,
            }
            for row in codes.order_by("id")
        ],
        "partner_cards": [
            {
                "partner": row.partner.name,
                "reference": row.reference,
                "opened_on": row.opened_on.isoformat(),
            }
            for row in cards.order_by("id")
        ],
        "partner_payments": [
            {
                "partner": row.partner.name,
                "transaction": row.transaction,
                "amount_minor": row.amount_minor,
                "refunded_minor": row.refunded_minor,
                "happened_at": row.happened_at.isoformat(),
            }
            for row in payments.order_by("id")
        ],
    }


def erase(member: Member) -> None:
    """The partner's reference and the person's digest go; what was earned stays in the books.

    Unused codes end by ``member.erased`` (see ``subscribers.py``).
    """
    cards = PartnerCard.objects.filter(member=member)
    forget_answers(cards.values_list("public_id", flat=True), "reference")
    for row in cards:
        # Unique for each partner, and nobody's: a payment told later finds no card.
        gone = {"reference": f"erased {row.public_id}", "person": ""}
        PartnerCard.objects.filter(pk=row.pk).update(**gone)
