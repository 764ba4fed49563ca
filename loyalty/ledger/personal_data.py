"""What the ledger knows of a person: what they hold. Every movement of it is on their statement."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.ledger.lines import name_of
from loyalty.ledger.models import Asset
from loyalty.ledger.selectors import balances
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "balances": _("Balances"),
    "asset": _("What of"),
    "points_available": _("Held now"),
    "points_pending": _("Pending"),
    "points_earned": _("Earned in all"),
}


def export(member: Member) -> dict[str, Any]:
    """Every balance, a household's where the card is one's of several."""
    return {
        "balances": [
            {
                "asset": one.asset,
                "points_available": one.available,
                "points_pending": one.pending,
                "points_earned": one.earned,
            }
            for one in balances(holder_id=member.holder_id)
        ]
    }


def shown(_section: str, rows: Any) -> Any:
    """Assets by their names, for the page."""
    names = {one.code: name_of(one) for one in Asset.objects.all()}
    return [{**row, "asset": names.get(row["asset"], row["asset"])} for row in rows]


def erase(member: Member) -> None:
    """What they still hold is forfeited by what follows ``member.erased``; the books keep the sums."""
