"""What paid plans know of a person: which they were in, and since when."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from members.profiles.models import Member
from tiers.memberships.models import Membership

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "memberships": _("Memberships"),
    "plan": _("Plan"),
    "source": _("How it came"),
    "began_at": _("Began"),
    "ends_at": _("Runs until"),
}
WORDS = {"source": Membership.Source.choices}


def export(member: Member) -> dict[str, Any]:
    """Every membership, oldest first."""
    rows = Membership.objects.select_related("plan").filter(member=member).order_by("pk")
    return {
        "memberships": [
            {
                "id": row.public_id,
                "plan": row.plan.name,
                "state": str(row.state),
                "source": str(row.source),
                "began_at": row.began_at.isoformat(),
                "ends_at": row.ends_at.isoformat() if row.ends_at else None,
            }
            for row in rows
        ]
    }


def erase(member: Member) -> None:
    """They end by what follows ``member.erased``; the books keep what was paid."""
