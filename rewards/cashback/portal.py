"""A member's store credit: what they can spend, what is on the way, what dies soon."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from rewards.cashback import selectors


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    held = selectors.store_credit(member)
    is_empty = not (held.available_minor or held.pending_minor or held.debt_minor)
    return None if is_empty and not selectors.is_given() else {"credit": held}


panels = (Panel(place="home", template="cashback/portal_home.html", context=_home, order=30),)
