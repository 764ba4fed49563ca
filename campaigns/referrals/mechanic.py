"""The plug of referrals: a friend's purchase counts, then the friend is paid, then who invited them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.referrals import selectors
from campaigns.referrals.effects import GiveReward, GiveUnits, Pay, Qualify, Welcome
from campaigns.referrals.rules.terms import (
    CREDIT,
    FIGURES,
    POINTS,
    QUALIFIED,
    STATUS,
    WELCOMED,
    Gift,
    ReferralTerms,
    capping,
    qualified,
)
from campaigns.referrals.rules.words import sentence, waiting_words
from loyalty.common.clock import local_day
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.matching import as_number
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import capped
from loyalty.engine.world import World
from loyalty.ledger.states import LotTerms


def _figure(name: str) -> Any:
    def read(world: World) -> int:
        status = world.status(FIGURES)
        return int(status.data.get(name, 0)) if status else 0

    return read


class Referrals(Mechanic):
    """Looks at sales of members who were invited, and pays what the house says is due."""

    name = "referrals"
    title: ClassVar = _("Inviting friends")
    phase = Phase.PROGRESS
    activity_types: ClassVar = frozenset({PURCHASE, WELCOMED, QUALIFIED})
    own_activities: ClassVar = frozenset({WELCOMED, QUALIFIED})
    activity_words: ClassVar = {QUALIFIED: _("a friend brought who bought")}
    befalling: ClassVar = frozenset({QUALIFIED})
    facts: ClassVar = {
        "referrals.made": _figure("made"),
        "referrals.paid": _figure("paid"),
    }
    fact_info: ClassVar = {
        "referrals.made": FactInfo(
            label=_("friends invited who joined"),
            where=as_number(lambda _moment: selectors.figure_column("made")),
        ),
        "referrals.paid": FactInfo(
            label=_("friends invited who bought"),
            where=as_number(lambda _moment: selectors.figure_column("paid")),
        ),
    }
    reasons: ClassVar = {
        "referral_waits": _("Invited by a friend: %(gift)s on %(day)s, if nothing is returned"),
        "referral_counts": _("Counts for the friend who invited you"),
        "referral_welcome": _("Welcome: you came by a friend"),
        "referral_paid": _("You invited a friend"),
    }

    def load(self, programme_id: int) -> Sequence[ReferralTerms]:
        return selectors.counting_programmes()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        if activity.type == PURCHASE:
            return _qualify(activity, rules, facts)
        rule = next((one for one in rules if one.public_id == activity.data["rule"]), None)
        if rule is None:
            return []
        if activity.type == WELCOMED:
            return _welcome(rule, activity, rules, facts)
        return _pay(rule, activity, rules, facts)

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [
            with_its_end(sentence(one, currency=currency), one)
            for one in promised(rules)
            if one.accepts
        ]


def _qualify(activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
    status = facts.status(STATUS)
    if status is None:
        return []
    rule = next((one for one in rules if one.public_id == status.data.get("rule")), None)
    found = qualified(rule, status, activity) if rule else None
    if rule is None or found is None:
        return []
    zone = facts.terms.timezone
    due_at = rule.due_at(facts.now, zone)
    details = {
        **waiting_words(rule.for_friend, local_day(due_at, zone), currency=facts.terms.currency),
        "due_at": due_at.isoformat(),
        "points": rule.for_friend.points,
        "credit_minor": rule.for_friend.credit_minor,
        "reward": rule.for_friend.reward,
    }
    return [
        Qualify(
            mechanic=Referrals.name,
            rule=rule.public_id,
            rule_name=rule.name,
            reason="referral_counts" if rule.for_friend.is_empty else "referral_waits",
            details=details,
            basis=found.basis,
            referral=str(status.data["referral"]),
            due_at=due_at,
            keep=found.keep,
        )
    ]


def _welcome(
    rule: ReferralTerms, activity: ActivityData, rules: Sequence[Any], facts: Facts
) -> list[Effect]:
    caps = capping(rule, rules)
    if caps.budget is not None and facts.budget_left(caps.public_id) == 0:
        return []
    details: dict[str, Any] = {"budgeted": True} if caps.budget is not None else {}
    paid = Welcome(
        **_of(caps, "referral_welcome"), details=details, referral=activity.data["referral"]
    )
    return [paid, *_gifts(rule, rule.for_friend, "referral_welcome", facts)]


def _pay(
    rule: ReferralTerms, activity: ActivityData, rules: Sequence[Any], facts: Facts
) -> list[Effect]:
    caps = capping(rule, rules)
    # The budget was asked when the friend was paid; a limit is the referrer's own.
    if not capped(replace(caps, budget=None), 1, facts, at=activity.happened_at):
        return []
    paid = Pay(**_of(caps, "referral_paid"), referral=activity.data["referral"])
    return [paid, *_gifts(rule, rule.for_referrer, "referral_paid", facts)]


def _gifts(rule: ReferralTerms, gift: Gift, reason: str, facts: Facts) -> list[Effect]:
    at: datetime = facts.now
    lot = LotTerms(expires_at=rule.gift_end(at, facts.terms.timezone), opened_at=at)
    effects: list[Effect] = [
        GiveUnits(**_of(rule, reason), asset=asset, amount=amount, terms=lot)
        for asset, amount in ((POINTS, gift.points), (CREDIT, gift.credit_minor))
        if amount
    ]
    if gift.reward:
        effects.append(GiveReward(**_of(rule, reason), reward=gift.reward))
    return effects


def _of(rule: ReferralTerms, reason: str) -> dict[str, Any]:
    return {
        "mechanic": Referrals.name,
        "rule": rule.public_id,
        "rule_name": rule.name,
        "reason": reason,
    }


MECHANICS = (Referrals(),)
