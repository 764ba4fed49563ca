"""What games know of a person: what they played and won. An erased card leaves the lists of draws."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.games.models import Play, Win
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "games": _("Games"),
    "drawn_prizes": _("Drawn prizes"),
    "game": _("Game"),
    "played_at": _("Played at"),
    "number": _("Number of the play"),
    "entry": _("Number in the draw"),
    "paid": _("Paid with"),
    "given": _("Prize given"),
    "prize": _("Prize"),
}
WORDS = {"paid": Play.Paid.choices, "state": Win.State.choices}


def export(member: Member) -> dict[str, Any]:
    """Every play with its outcome, and every drawn prize, for the member's own copy."""
    plays = Play.objects.filter(member=member).order_by("id")
    wins = Win.objects.filter(play__member=member).order_by("id")
    return {
        "games": [
            {
                "id": row.public_id,
                "game": row.family,
                "played_at": row.played_at.isoformat(),
                "number": row.number,
                "entry": row.entry,
                "paid": str(row.paid),
                "given": row.given,
            }
            for row in plays
        ],
        "drawn_prizes": [
            {"id": row.public_id, "prize": row.prize, "state": str(row.state)} for row in wins
        ],
    }


def erase(member: Member) -> None:
    """Plays stay as numbers under a fingerprint; what was drawn and not claimed goes to the next."""
    waiting = Win.objects.filter(play__member=member, state=Win.State.WAITING)
    for row in waiting.select_related("draw"):
        row.claim_until = row.draw.drawn_at
        row.save(update_fields=["claim_until"])
