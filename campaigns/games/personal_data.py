"""What games know of a person: what they played and won. An erased card leaves the lists of draws."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.games.models import Play, Win
from campaigns.games.rules.words import prize_name
from campaigns.games.selectors import version_of
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


def shown(section: str, rows: Any) -> Any:
    """Games and prizes by their names in the reader's language, for the page; codes else."""
    ids = [row["id"] for row in rows]
    if section == "games":
        plays = {one.public_id: one for one in Play.objects.filter(public_id__in=ids)}
        rules = {key: one.rule for key, one in plays.items()}
    else:
        wins = Win.objects.select_related("draw").filter(public_id__in=ids)
        rules = {one.public_id: one.draw.rule for one in wins}
    versions = {name: version_of(name) for name in set(rules.values())}
    told = []
    for row in rows:
        version = versions[rules[row["id"]]]
        terms = version.terms()
        prizes = {
            key: prize_name(terms.prize(row[key])) for key in ("given", "prize") if row.get(key)
        }
        told.append({**row, "game": version.name, **prizes})
    return told


def erase(member: Member) -> None:
    """Plays stay as numbers under a fingerprint; what was drawn and not claimed goes to the next."""
    waiting = Win.objects.filter(play__member=member, state=Win.State.WAITING)
    for row in waiting.select_related("draw"):
        row.claim_until = row.draw.drawn_at
        row.save(update_fields=["claim_until"])
