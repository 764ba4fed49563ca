"""Games at the till: the cashier can say that a play was won, or that a drawn prize waits."""

from __future__ import annotations

from typing import Any

from campaigns.games import selectors
from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member


def _plays(actor: Actor, member: Member) -> dict[str, Any] | None:
    waiting = [(row, has) for row, has in selectors.waiting_plays(member) if has.tickets]
    wins = selectors.waiting_wins(member)
    return {"waiting": waiting, "wins": len(wins)} if waiting or wins else None


panels = (Panel(place="till_member", template="games/till.html", context=_plays, order=25),)
