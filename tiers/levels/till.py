"""The level at the till: what the cashier says beside the sale, and after it."""

from __future__ import annotations

from typing import Any

from loyalty.commands.actor import Actor
from loyalty.common.clock import local_day, now
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from tiers.levels import selectors
from tiers.levels.rules.words import told


def _level(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.outlook_of(member)
    if found is None:
        return None
    today, born = local_day(now(), actor.programme.timezone), member.birthday
    return {
        "told": told(found, units=selectors.units_of(found.ladder)),
        "birthday": born is not None and born.month == today.month,
    }


panels = tuple(
    Panel(
        place=place, template="levels/till.html", context=_level, order=4, permission="levels:read"
    )
    for place in ("till_member", "till_result")
)
