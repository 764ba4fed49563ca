"""The plug of partners: offers speak on the terms page, sign-up bonuses answer what members spend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.partners import selectors
from campaigns.partners.effects import CountSpending, GiveBonus
from campaigns.partners.rules.bonus import (
    AFTER_WINDOW,
    CARD,
    TRANSACTION,
    BonusTerms,
    Spending,
    spending,
    spent,
)
from campaigns.partners.rules.offers import AMOUNT, PERCENT, OfferTerms
from loyalty.common.clock import end_of_day, local_day
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import applies, capped
from loyalty.engine.validity import Expiry, Wait, lot_terms
from loyalty.ledger.states import LotTerms
from loyalty.web import formats


class Partners(Mechanic):
    """What partners give is claimed by members; what members spend works towards a bonus."""

    name = "partners"
    title: ClassVar = _("Partners")
    phase = Phase.PROGRESS
    activity_types: ClassVar = frozenset({PURCHASE, TRANSACTION})
    own_activities: ClassVar = frozenset({TRANSACTION})
    sale_activities: ClassVar = frozenset({TRANSACTION})
    activity_words: ClassVar = {TRANSACTION: _("a payment with a partner's card")}
    reasons: ClassVar = {
        "signup_spending": _("Counts for “%(bonus)s”: %(spent_text)s of %(needed_text)s"),
        "signup_bonus": _("%(bonus)s"),
        "signup_bonus_withdrawn": _("“%(bonus)s” taken back after a refund"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.counting()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        effects: list[Effect] = []
        zone, seen = facts.terms.timezone, set[str]()
        for bonus in rules:
            if not isinstance(bonus, BonusTerms) or bonus.family in seen:
                continue
            joined_on = local_day(facts.member.joined_at, zone)
            found = spending(bonus, activity, joined_on=joined_on, zone=zone)
            if found is None or not applies(bonus, activity, facts):
                continue
            seen.add(bonus.family)
            effects += _answer(bonus, activity, found, facts)
        return effects

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [with_its_end(_sentence(rule, currency), rule) for rule in promised(rules)]


def _answer(
    bonus: BonusTerms, activity: ActivityData, found: Spending, facts: Facts
) -> list[Effect]:
    by_now = spent(facts.status(bonus.status), found.card) + found.amount_minor
    money = formats.money_text
    currency = facts.terms.currency
    said = {
        "bonus": bonus.name,
        "spent_text": money(by_now, currency=currency),
        "needed_text": money(bonus.spend_minor, currency=currency),
    }
    common: dict[str, Any] = {
        "mechanic": Partners.name,
        "rule": bonus.public_id,
        "rule_name": bonus.name,
    }
    effects: list[Effect] = [
        CountSpending(
            **common,
            reason="signup_spending",
            details=said,
            basis=found.basis,
            amount=found.amount_minor,
            status=bonus.status,
            family=bonus.family,
            card=found.card,
            until=found.until,
            needed=bonus.spend_minor,
            asset=bonus.asset,
            after=bonus.after,
        )
    ]
    # The account has it already, by whatever card: never twice.
    if by_now < bonus.spend_minor or _has(bonus, facts):
        return effects
    points = capped(bonus, bonus.points, facts, at=activity.happened_at)
    if points <= 0:
        return effects
    details: dict[str, Any] = {"bonus": bonus.name}
    if bonus.budget is not None:
        details["budgeted"] = True
    given = GiveBonus(
        **common,
        reason="signup_bonus",
        details=details,
        asset=bonus.asset,
        amount=points,
        family=bonus.family,
        card=found.card,
        terms=_lot(bonus, activity, found, facts),
    )
    return [*effects, given]


def _has(bonus: BonusTerms, facts: Facts) -> bool:
    standing = facts.standing(kind=GiveBonus.kind, asset=bonus.asset)
    return any(one.memo["family"] == bonus.family for one in standing)


def _lot(bonus: BonusTerms, activity: ActivityData, found: Spending, facts: Facts) -> LotTerms:
    zone, at = facts.terms.timezone, activity.happened_at
    wait, start = Wait(), at
    if bonus.pays == AFTER_WINDOW:
        wait, start = Wait(kind="date", until=found.until), end_of_day(found.until, zone)
    expiry = Expiry()
    if bonus.points_days:
        expiry = Expiry(kind="rolling", count=bonus.points_days, unit="day")
    terms = lot_terms(wait=wait, expiry=expiry, at=at, zone=zone)
    assert terms.ripens_at is None or terms.ripens_at == start
    return terms


def _sentence(rule: Any, currency: str) -> str:
    if isinstance(rule, BonusTerms):
        return _bonus(rule, currency)
    assert isinstance(rule, OfferTerms)
    return f"{_gift(rule, currency)}{_conditions(rule)}"


def _gift(offer: OfferTerms, currency: str) -> str:
    values = {"partner": offer.partner_name, "text": offer.text(get_language() or "vi")}
    if offer.gives == PERCENT:
        share = formats.percent_text(offer.value_bp)
        if offer.cap_minor is not None:
            most = formats.money_text(offer.cap_minor, currency=currency)
            text = gettext("At %(partner)s: %(share)s off, at most %(most)s – %(text)s.")
            return text % {**values, "share": share, "most": most}
        return gettext("At %(partner)s: %(share)s off – %(text)s.") % {**values, "share": share}
    if offer.gives == AMOUNT:
        off = formats.money_text(offer.value_minor, currency=currency)
        return gettext("At %(partner)s: %(off)s off – %(text)s.") % {**values, "off": off}
    return gettext("At %(partner)s: %(text)s.") % values


def _conditions(offer: OfferTerms) -> str:
    told = []
    if offer.per_household:
        told.append(gettext("One for each household."))
    elif offer.per_member is not None:
        told.append(
            ngettext("%(n)s for each member.", "%(n)s for each member.", offer.per_member)
            % {"n": offer.per_member}
        )
    if offer.audience and offer.when_lost == "at_once":
        told.append(gettext("It ends as soon as you no longer meet its condition."))
    elif offer.audience and offer.when_lost == "end_of_period":
        told.append(gettext("When you no longer meet its condition, it ends with that month."))
    return "".join(f" {one}" for one in told)


def _bonus(bonus: BonusTerms, currency: str) -> str:
    values = {
        "points": formats.number_text(bonus.points),
        "money": formats.money_text(bonus.spend_minor, currency=currency),
        "months": bonus.months,
        "partner": bonus.partner_name,
    }
    if bonus.starts_with == CARD:
        text = ngettext(
            "%(points)s points when you spend %(money)s with a card of %(partner)s within "
            "%(months)s month of opening it. Once for each person.",
            "%(points)s points when you spend %(money)s with a card of %(partner)s within "
            "%(months)s months of opening it. Once for each person.",
            bonus.months,
        )
        return text % values
    text = ngettext(
        "%(points)s points when you spend %(money)s within %(months)s month of joining.",
        "%(points)s points when you spend %(money)s within %(months)s months of joining.",
        bonus.months,
    )
    return text % values


MECHANICS = (Partners(),)
