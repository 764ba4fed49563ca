"""The plug of paid memberships: who holds which plan, member prices, free delivery, more points.

All of it reads the one status ``memberships``: ``data["plans"]`` lists what the member holds, each
with the version it runs under and the instant its perks end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.matching import as_flag, as_texts
from loyalty.engine.plug import Mechanic, Multiplier, Phase, PriceOffer
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import period_start
from loyalty.engine.status import Status
from loyalty.ledger.assets import unit_name
from loyalty.web import formats
from tiers.memberships import selectors
from tiers.memberships.effects import UseBenefit
from tiers.memberships.rules import PlanTerms

STATUS = "memberships"


def held(status: Status | None, at: datetime) -> list[dict[str, Any]]:
    """The plans whose perks hold at an instant, as the status lists them."""
    if status is None:
        return []
    plans = status.readings.get("plans")
    if plans is None:
        plans = status.readings["plans"] = [
            (datetime.fromisoformat(one["until"]), one) for one in status.data.get("plans", ())
        ]
    return [one for until, one in plans if at < until]


def _codes(world: Any) -> list[str]:
    return [one["code"] for one in held(world.status(STATUS), world.now)]


class Memberships(Mechanic):
    """Perks of the plans a member holds."""

    name = "memberships"
    title: ClassVar = _("Memberships")
    phase = Phase.STATUS
    activity_types: ClassVar = frozenset({PURCHASE})
    facts: ClassVar = {
        "membership.plans": _codes,
        "membership.active": lambda world: bool(_codes(world)),
        "membership.protects_tier": lambda world: any(
            one["protects"] for one in held(world.status(STATUS), world.now)
        ),
    }
    fact_info: ClassVar = {
        "membership.plans": FactInfo(
            label=_("membership plans"),
            kind="texts",
            options=selectors.plan_names,
            where=as_texts(lambda code, moment: selectors.holding_members(moment, code=code)),
            promise=selectors.plans_told,
        ),
        "membership.active": FactInfo(
            label=_("in a membership plan"), kind="flag", where=as_flag(selectors.holding_members)
        ),
        "membership.protects_tier": FactInfo(
            label=_("level kept by a plan"),
            kind="flag",
            where=as_flag(lambda moment: selectors.holding_members(moment, protects_tier=True)),
        ),
    }
    reasons: ClassVar = {
        "member_price": _("Member price of “%(plan)s”"),
        "member_delivery": _("Free delivery with “%(plan)s”"),
        "member_multiplier": _("%(rule)s"),
        "membership_used": _("Perks of “%(plan)s”"),
        "membership_delivery": _("Free delivery with “%(plan)s”"),
    }

    def load(self, programme_id: int) -> Sequence[PlanTerms]:
        return selectors.counting_plans()

    def multipliers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[Multiplier]:
        return [
            Multiplier.made(
                asset="points",
                factor_bp=plan.factor_bp,
                rule=plan.public_id,
                rule_name=plan.name,
                reason="member_multiplier",
            )
            for plan in _held_plans(rules, facts)
            if plan.factor_bp > 10_000
        ]

    def price_offers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[PriceOffer]:
        offers = []
        for plan in _held_plans(rules, facts):
            if plan.discount_bp:
                offers.append(_offer(plan, "member_price", plan.discount_bp, None))
            shipping = _shipping(activity)
            if shipping and _delivers_free(plan, activity, facts):
                offers.append(_offer(plan, "member_delivery", 10_000, shipping, stacks=True))
        return offers

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        effects: list[Effect] = []
        for plan in _held_plans(rules, facts):
            if plan.discount_bp or plan.factor_bp > 10_000:
                effects.append(_use(plan, plan.public_id, "membership_used"))
            if _shipping(activity) and _delivers_free(plan, activity, facts):
                effects.append(_use(plan, _delivery_of(plan), "membership_delivery"))
        return effects

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [with_its_end(_promise(plan, currency), plan) for plan in promised(rules)]


def _held_plans(rules: Sequence[PlanTerms], facts: Facts) -> Iterator[PlanTerms]:
    for one in held(facts.status(STATUS), facts.now):
        for plan in rules:
            if plan.public_id == one["plan"]:
                yield plan


def _offer(
    plan: PlanTerms,
    reason: str,
    value_bp: int,
    lines: frozenset[int] | None,
    *,
    stacks: bool = False,
) -> PriceOffer:
    return PriceOffer.made(
        kind="percent",
        mechanic=Memberships.name,
        rule=plan.public_id,
        rule_name=plan.name,
        reason=reason,
        value_bp=value_bp,
        lines=lines,
        stacks=stacks,
        order=-plan.priority,
        details={"plan": plan.name},
    )


def _shipping(activity: ActivityData) -> frozenset[int]:
    return activity.sale.shipping if activity.sale else frozenset()


def _delivers_free(plan: PlanTerms, activity: ActivityData, facts: Facts) -> bool:
    if not plan.free_delivery or plan.deliveries_a_day is None:
        return plan.free_delivery
    since = period_start("day", activity.happened_at, facts.terms.timezone)
    return facts.used(_delivery_of(plan), since=since).count < plan.deliveries_a_day


def _delivery_of(plan: PlanTerms) -> str:
    """Deliveries are counted apart from the plan's other perks, over all its versions."""
    return f"{plan.family}:d"


def _use(plan: PlanTerms, rule: str, reason: str) -> UseBenefit:
    return UseBenefit.made(
        mechanic=Memberships.name,
        rule=rule,
        rule_name=plan.name,
        reason=reason,
        details={"plan": plan.name},
    )


def _promise(plan: PlanTerms, currency: str) -> str:
    each = {
        "day": ngettext("%(n)s day", "%(n)s days", plan.period_count),
        "month": ngettext("%(n)s month", "%(n)s months", plan.period_count),
        "year": ngettext("%(n)s year", "%(n)s years", plan.period_count),
    }[plan.period_unit] % {"n": plan.period_count}
    price = formats.money_text(plan.price_minor, currency=currency)
    text = gettext("Membership “%(plan)s”: %(price)s for %(each)s.") % {
        "plan": plan.name,
        "price": price,
        "each": each,
    }
    perks = [
        gettext("free for the first %(days)s days, once") % {"days": plan.trial_days}
        if plan.trial_days
        else "",
        gettext("%(share)s off all goods") % {"share": formats.percent_text(plan.discount_bp)}
        if plan.discount_bp
        else "",
        gettext("free delivery") if plan.free_delivery else "",
        formats.factor_text(plan.factor_bp, unit=unit_name()) if plan.factor_bp > 10_000 else "",
        gettext("the level is kept") if plan.protects_tier else "",
    ]
    told = ", ".join(perk for perk in perks if perk)
    ending = gettext("It renews by itself and can be cancelled at any time.") if plan.renews else ""
    return " ".join(
        part for part in (text, f"{told[:1].upper()}{told[1:]}." if told else "", ending) if part
    )


MECHANICS = (Memberships(),)
