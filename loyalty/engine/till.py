"""Paying at the till with what a member holds: for every mechanic that pays, a stepper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from loyalty.commands.actor import Actor
from loyalty.common.clock import now as clock_now
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.paying import Paying, PayTerms, pay_step, worth_minor
from loyalty.engine.plug import live_rules, mechanics
from loyalty.ledger.assets import asset_view_of
from loyalty.tenancy.models import Programme
from loyalty.web.navigation import Panel
from members.profiles.models import Member


@dataclass(frozen=True, kw_only=True)
class Stepper:
    """Between the minimum and what the member has or a sale may take, in amounts that pay exactly.

    The cashier may type any number; the quote then says how much of it will be used. Of money the
    amounts are minor units.
    """

    asset: str
    word: str
    is_money: bool
    step: int
    least: int
    most: int
    worth_minor: int


def _pay(actor: Actor, member: Member) -> dict[str, Any] | None:
    world = DatabaseWorld(programme=actor.programme, member=member, now=clock_now())
    facts = Facts(world)
    shown = [
        stepper
        for terms in _terms(actor.programme, facts)
        if terms.pay_enabled
        and terms.value_minor > 0
        and (stepper := _stepper(terms, max(facts.available(terms.asset), 0))).most >= stepper.least
    ]
    return {"steppers": shown} if shown else None


def _terms(programme: Programme, facts: Facts) -> Iterator[PayTerms]:
    moment = ActivityData(type=PURCHASE, key="", happened_at=facts.now)
    for mechanic in mechanics():
        if isinstance(mechanic, Paying):
            rules = live_rules(mechanic, programme.pk, programme.rules_version)
            if rules:
                yield from mechanic.terms(moment, rules, facts)


def _stepper(terms: PayTerms, available: int) -> Stepper:
    most = available
    if terms.pay_cap_units is not None:
        most = min(most, terms.pay_cap_units)
    step = pay_step(terms)
    most = most // step * step
    asset = asset_view_of(terms.asset)
    return Stepper(
        asset=terms.asset,
        word=asset.name(get_language() or "en"),
        is_money=asset.kind == "money",
        step=step,
        least=-(-terms.pay_minimum // step) * step,
        most=most,
        worth_minor=worth_minor(most, value_minor=terms.value_minor, value_units=terms.value_units),
    )


panels = (
    Panel(
        place="till_pay",
        template="engine/till_pay.html",
        context=_pay,
        order=10,
        permission="purchases:write",
    ),
)
