"""Discounts on a member's page: those they enjoy, and what they saved. Rules are edited with all rules."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from rewards.discounts import selectors
from rewards.discounts.quotes import discounts_for


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    own, saved = discounts_for(actor.programme, member), selectors.saved_minor(member)
    return {"discounts": own, "saved_minor": saved} if own or saved else None


panels = (
    Panel(
        place="member",
        template="discounts/member_panel.html",
        context=_panel,
        order=25,
        permission="discounts:read",
        column="side",
    ),
)
