"""Which discounts does this member enjoy? Their audiences asked without a sale, and nothing written."""

from __future__ import annotations

from loyalty.common.clock import now as clock_now
from loyalty.engine.conditions import ACTIVITY_FACTS
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.plug import live_rules
from loyalty.engine.promises import promised, with_its_goods, with_its_hours
from loyalty.engine.rules import held_out
from loyalty.tenancy.models import Programme
from members.profiles.models import Member
from rewards.discounts.mechanic import DISCOUNTS, off_text, promise
from rewards.discounts.results import OwnDiscount
from rewards.discounts.rules import DiscountTerms


def discounts_for(programme: Programme, member: Member) -> list[OwnDiscount]:
    """The live discounts whose audience the member belongs to, whatever they buy and when."""
    (rules,) = live_rules(DISCOUNTS, programme.pk, programme.rules_version)
    live: list[DiscountTerms] = promised(rules)
    if not live:
        return []
    facts = Facts(DatabaseWorld(programme=programme, member=member, now=clock_now()))
    return [
        OwnDiscount(
            rule=rule.public_id,
            name=rule.name,
            off=off_text(rule, programme.currency),
            text=with_its_goods(with_its_hours(promise(rule, programme.currency), rule), rule),
        )
        for rule in live
        if _is_for(rule, facts)
    ]


def _is_for(rule: DiscountTerms, facts: Facts) -> bool:
    if rule.holdout_bp and held_out(rule.public_id, facts.member.public_id, rule.holdout_bp):
        return False
    own = [one for one in rule.audience if one.fact not in ACTIVITY_FACTS]
    return all(one.holds(facts.__getitem__) for one in own)
