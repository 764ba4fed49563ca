"""Paying with points at the till: the cashier chooses how many."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from loyalty.commands.actor import Actor
from loyalty.ledger.selectors import balances
from loyalty.web.navigation import Panel
from members.profiles.models import Member
from rewards.points import selectors
from rewards.points.rules import SettingsTerms, pay_step, worth_minor


def _pay(actor: Actor, member: Member) -> dict[str, Any] | None:
    available = {one.asset: one.available for one in balances(holder_id=member.holder_id)}
    payable = [
        _stepper(settings, available.get(settings.asset, 0))
        for rules in selectors.live_points_rules()
        for settings in rules.settings
        if settings.pay_enabled and settings.value_minor > 0
    ]
    shown = [one for one in payable if one["most"] >= one["least"]]
    return {"steppers": shown} if shown else None


def _stepper(settings: SettingsTerms, available: int) -> dict[str, Any]:
    """Between the minimum and what the member has or a sale may take, in amounts that pay exactly.

    The cashier may type any number; the quote then says how many of them will be used.
    """
    most = max(available, 0)
    if settings.pay_cap_points is not None:
        most = min(most, settings.pay_cap_points)
    step = pay_step(settings)
    least = -(-settings.pay_minimum // step) * step
    most = most // step * step
    word = selectors.asset_view(settings.asset).name(get_language() or "en")
    return {
        "asset": settings.asset,
        "word": word,
        "step": step,
        "least": least,
        "most": most,
        "worth_minor": worth_minor(
            most, value_minor=settings.value_minor, value_units=settings.value_units
        ),
    }


panels = (
    Panel(
        place="till_pay",
        template="points/till_pay.html",
        context=_pay,
        order=10,
        permission="purchases:write",
    ),
)
