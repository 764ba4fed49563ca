"""The e-mail club at the till: a code the customer scans to join on their own phone."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.web.navigation import Panel
from members.messaging import selectors
from members.messaging.gateways.letters import absolute
from members.messaging.rules import till_code
from members.profiles.models import Member


def _join(actor: Actor, member: Member) -> dict[str, Any] | None:
    club = selectors.subscription_of(member)
    if club is not None and club.state != "left":
        return None
    code = till_code(member.public_id, now=now())
    return {"club_url": f"{absolute(actor.programme, 'club')}?from=till&card={code}"}


panels = (Panel(place="till_member", template="messaging/till.html", context=_join, order=80),)
