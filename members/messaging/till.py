"""The e-mail club at the till: a code the customer scans to join on their own phone."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.messaging import selectors
from members.messaging.gateways.letters import absolute
from members.profiles.models import Member


def _join(actor: Actor, member: Member) -> dict[str, Any] | None:
    club = selectors.subscription_of(member)
    if club is not None and club.state != "left":
        return None
    return {"club_url": f"{absolute(actor.programme, 'club')}?from=till"}


panels = (Panel(place="till_member", template="messaging/till.html", context=_join, order=80),)
