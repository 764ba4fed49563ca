"""Stamp cards at the till: how full each is."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from rewards.punchcards import selectors


def _cards(actor: Actor, member: Member) -> dict[str, Any] | None:
    cards = selectors.card_progress(member)
    return {"cards": cards} if cards else None


panels = tuple(
    Panel(
        place=place,
        template="punchcards/till_cards.html",
        context=_cards,
        order=10,
        permission="punchcards:read",
    )
    for place in ("till_member", "till_result")
)
