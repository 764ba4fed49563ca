"""The level at the till: what the cashier says beside the sale, and after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from loyalty.commands.actor import Actor
from loyalty.common.clock import local_day, now
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from tiers.levels import selectors
from tiers.levels.rules.words import told

_JUST_NOW = timedelta(minutes=2)


def _level(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.outlook_of(member)
    if found is None:
        return None
    today, born = local_day(now(), actor.programme.timezone), member.birthday
    return {
        "told": told(found, units=selectors.units_of(found.ladder)),
        "birthday": born is not None and born.month == today.month,
    }


def _after(actor: Actor, member: Member) -> dict[str, Any] | None:
    """After a sale: whether it was the one that reached the level."""
    shown = _level(actor, member)
    if shown is None:
        return None
    reached = selectors.moves_of(member).filter(
        reason="level_reached", undone=0, happened_at__gte=now() - _JUST_NOW
    )
    return {**shown, "reached": reached.exists()}


panels = (
    Panel(
        place="till_member",
        template="levels/till.html",
        context=_level,
        order=4,
        permission="levels:read",
    ),
    Panel(
        place="till_result",
        template="levels/till.html",
        context=_after,
        order=4,
        permission="levels:read",
    ),
)
