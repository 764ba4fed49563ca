"""Missions at the till: how far this customer is, and the code for their check-in."""

from __future__ import annotations

from typing import Any

from campaigns.challenges import selectors
from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member


def _progress(actor: Actor, member: Member) -> dict[str, Any] | None:
    missions = [
        one for one in selectors.mission_progress(member) if one.is_open and not one.is_done
    ]
    code = selectors.till_code(actor.location_id) if selectors.check_in_counts() else ""
    return {"missions": missions[:3], "code": code} if missions or code else None


panels = (Panel(place="till_member", template="challenges/till.html", context=_progress, order=20),)
