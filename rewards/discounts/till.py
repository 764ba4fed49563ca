"""Discounts at the till: the cashier sees which this customer enjoys; the quote says how much."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from rewards.discounts.quotes import discounts_for


def _own(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = discounts_for(actor.programme, member)
    return {"discounts": found} if found else None


panels = (Panel(place="till_member", template="discounts/till.html", context=_own, order=6),)
