"""Plans at the till: the cashier sees what this customer holds."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from tiers.memberships import selectors
from tiers.memberships.rules import HOLDING


def _held(actor: Actor, member: Member) -> dict[str, Any] | None:
    held = [one for one in selectors.held_by(member) if one.membership.state in HOLDING]
    return {"held": held} if held else None


panels = (Panel(place="till_member", template="memberships/till.html", context=_held, order=5),)
