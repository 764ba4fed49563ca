"""What the catalogue knows of a person: the rewards they got, and when they used them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from members.profiles.models import Member
from rewards.catalog.models import Voucher

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "vouchers": _("Vouchers"),
    "reward": _("Reward"),
    "code": _("Code"),
    "issued_at": _("Issued"),
    "expires_at": _("Good until"),
    "used_at": _("Used on"),
}


def export(member: Member) -> dict[str, Any]:
    """Every voucher, oldest first."""
    rows = Voucher.objects.select_related("terms").filter(member=member).order_by("pk")
    return {
        "vouchers": [
            {
                "id": row.public_id,
                "reward": row.terms.name,
                "code": row.code,
                "state": str(row.state),
                "issued_at": row.issued_at.isoformat(),
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
                "used_at": row.used_at.isoformat() if row.used_at else None,
            }
            for row in rows
        ]
    }


def erase(member: Member) -> None:
    """They end by what follows ``member.erased``."""
