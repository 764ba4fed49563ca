"""What challenges keep of a person: badges, missions done, streaks."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.challenges import selectors
from loyalty.engine.models import MemberStatus
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "challenges": _("Challenges"),
    "badges": _("Badges"),
    "missions": _("Missions"),
    "streaks": _("Streaks"),
    "badge": _("Badge"),
    "since": _("Since"),
    "mission": _("Mission"),
    "progress": _("Progress"),
    "times": _("Times done"),
    "streak": _("Streak"),
    "length": _("Length today"),
    "best": _("Longest so far"),
}


def export(member: Member) -> dict[str, Any]:
    """Every badge with its day, every mission and streak of today."""
    return {
        "challenges": {
            "badges": [
                {"badge": one.badge.name_vi, "since": one.since.isoformat()}
                for one in selectors.badges_of(member)
            ],
            "missions": [
                {"mission": one.name, "progress": one.progress, "times": one.times}
                for one in selectors.mission_progress(member)
            ],
            "streaks": [
                {"streak": one.name, "length": one.length, "best": one.best}
                for one in selectors.streak_progress(member)
            ],
        }
    }


def erase(member: Member) -> None:
    """All of it goes, the public pages of badges too. What was given for it stays in the books."""
    own = Q(name__startswith="badge:") | Q(name__startswith="mission:")
    own |= Q(name__startswith="streak:")
    MemberStatus.objects.filter(own, member=member).delete()
