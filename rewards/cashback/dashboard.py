"""Store credit on a member's page: when what waits can be spent, and what dies soon."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from rewards.cashback import selectors


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    held = selectors.store_credit(member)
    return {"credit": held} if held.waiting or held.expiring else None


panels = (
    Panel(
        place="member",
        template="cashback/member_panel.html",
        context=_panel,
        order=24,
        permission="cashback:read",
        column="side",
    ),
)
