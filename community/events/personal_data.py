"""What events know of a person: where they said yes, and where they were."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from community.events.selectors import seats_of
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "events": _("Events"),
    "event": _("Event"),
    "starts_at": _("Starts at"),
    "answer": _("Answer"),
    "guests": _("Guests"),
    "answered_at": _("Answered at"),
    "points_paid": _("Points paid"),
    "points_back": _("Points back"),
    "checked_in_at": _("Checked in at"),
}


def export(member: Member) -> dict[str, Any]:
    """All answers to events, oldest first."""
    return {
        "events": [
            {
                "event": seat.event.title,
                "starts_at": seat.event.starts_at.isoformat(),
                "answer": seat.get_state_display(),
                "guests": seat.guests,
                "answered_at": seat.answered_at.isoformat(),
                "points_paid": seat.cost_points,
                "points_back": seat.points_back,
                "checked_in_at": seat.checked_in_at.isoformat() if seat.checked_in_at else None,
            }
            for seat in seats_of(member).order_by("pk")
        ]
    }


def erase(member: Member) -> None:
    """An answer names nobody; a ticket that stands is ended by what follows ``member.erased``."""
