"""A member's punch cards as grids of stamps, on their first page."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from rewards.punchcards import selectors


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.card_progress(member)
    return {"progress": found} if found else None


panels = (Panel(place="home", template="punchcards/portal_home.html", context=_home, order=10),)
