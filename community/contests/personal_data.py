"""What contests keep of a person: what they entered, and what they voted for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from community.contests.models import Vote
from community.contests.selectors import entries, owned_by
from community.contests.services.entering import forget_entries
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "contest_entries": _("Contest entries"),
    "contest_votes": _("Contest votes"),
    "contest": _("Contest"),
    "entered_at": _("Entered at"),
    "votes": _("Votes"),
    "place": _("Place won"),
    "voted_at": _("Voted at"),
}


def export(member: Member) -> dict[str, Any]:
    """Entries and votes, oldest first."""
    mine = entries().filter(owned_by(member)).order_by("pk")
    votes = Vote.objects.select_related("entry__contest").filter(owned_by(member)).order_by("pk")
    return {
        "contest_entries": [
            {
                "contest": one.contest.title,
                "entered_at": one.entered_at.isoformat(),
                "state": one.get_state_display(),
                "text": one.text,
                "votes": one.votes,
                "place": one.rank,
            }
            for one in mine
        ],
        "contest_votes": [
            {"contest": one.entry.contest.title, "voted_at": one.voted_at.isoformat()}
            for one in votes
        ],
    }


def erase(member: Member) -> None:
    """What they wrote and photographed goes; the place they won and the count of votes stay."""
    forget_entries(member)
