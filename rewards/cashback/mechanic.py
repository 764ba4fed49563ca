"""The plugs of cashback: sales give store credit, store credit pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from loyalty.engine.activity import PURCHASE, ActivityData, Sale, SaleLine
from loyalty.engine.effects import Accrue, Effect
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.matching import as_number
from loyalty.engine.paying import Paying, PayTerms
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import Limit, applies, capped
from loyalty.engine.validity import lot_terms
from loyalty.ledger.assets import asset_codes
from loyalty.ledger.selectors import available_column, earned_column
from loyalty.web import formats
from rewards.cashback import selectors
from rewards.cashback.effects import SpendCredit
from rewards.cashback.rules import (
    CREDIT,
    FREELY,
    PAYABLE,
    Back,
    CashbackTerms,
    SpendingTerms,
    back,
    full_minor,
    in_turn,
    uncounted,
)


class Cashback(Mechanic):
    """A share of what is spent comes back, as store credit."""

    name = "cashback"
    own_balances: ClassVar = frozenset({CREDIT})
    title: ClassVar = _("Cashback")
    phase = Phase.EARN
    activity_types: ClassVar = frozenset({PURCHASE})
    facts: ClassVar = {
        "store_credit.available": lambda world: world.book.available(CREDIT),
        "store_credit.earned": lambda world: world.book.account(CREDIT).earned,
    }
    fact_info: ClassVar = {
        "store_credit.available": FactInfo(
            label=_("store credit to spend"),
            kind="money",
            where=as_number(lambda moment: available_column(CREDIT, at=moment.at)),
        ),
        "store_credit.earned": FactInfo(
            label=_("store credit earned so far"),
            kind="money",
            where=as_number(lambda _moment: earned_column(CREDIT)),
        ),
    }
    reasons: ClassVar = {"cashback_earned": _("%(rule)s")}

    def load(self, programme_id: int) -> Sequence[CashbackTerms]:
        return in_turn(selectors.counting_cashback())

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        counted: dict[int, int] = {}
        groups: set[str] = set()
        effects: list[Effect] = []
        for rule in rules:
            goods = rule.restriction.goods(activity)
            if not goods.lines or rule.stacking_group in groups:
                continue
            if not applies(rule, activity, facts):
                continue
            left = goods if rule.stacks else uncounted(goods, counted)
            full = full_minor(rule, left)
            amount = capped(rule, full, facts, at=activity.happened_at) if full else 0
            if amount <= 0:
                continue
            given = back(rule, left, amount=amount, whole_minor=goods.total)
            if not rule.stacks:
                for number, spent in given.spend:
                    counted[number] = counted.get(number, 0) + spent
            if rule.stacking_group:
                groups.add(rule.stacking_group)
            effects.append(_effect(rule, given, activity, facts))
        return effects

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [with_its_end(_promise(one, currency), one) for one in promised(rules)]


class StoreCredit(Paying):
    """Store credit pays a part of the bill, after vouchers and points: the cashier chooses how much."""

    name: ClassVar[str] = "store_credit"
    title: ClassVar = _("Store credit")
    turn: ClassVar[int] = 90
    means: ClassVar = "credit"
    spend: ClassVar = SpendCredit
    paid: ClassVar = ("credit_paid", "credit_paid_in_part")
    reasons: ClassVar = {
        "credit_paid": _("Paid with store credit"),
        "credit_paid_in_part": _("Paid with store credit: the most that can pay here"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.counting_spending()

    def terms(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> Sequence[PayTerms]:
        for rule in rules[0]:
            if applies(rule, activity, facts):
                return [rule.pay_terms]
        return [FREELY]

    def ways_to_pay(self, rules: Sequence[Any]) -> Sequence[str]:
        return [CREDIT] if CREDIT in asset_codes() else []

    def lines(self, sale: Sale) -> Sequence[SaleLine]:
        return [line for line in sale.lines if line.kind in PAYABLE]

    def refusal(self, terms: PayTerms, *, most: int, available: int, currency: str) -> str:
        amounts = {"minimum": terms.pay_minimum, "most": most, "available": available}
        return gettext(
            "Store credit pays from %(minimum)s on. "
            "Here at most %(most)s can be used; %(available)s are available."
        ) % {name: formats.money_text(one, currency=currency) for name, one in amounts.items()}

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [_how_it_pays(one, currency) for one in promised(rules[0])]


def _effect(rule: CashbackTerms, given: Back, activity: ActivityData, facts: Facts) -> Accrue:
    details: dict[str, Any] = {"rate_bp": rule.rate_bp, "spent_minor": given.spend_minor}
    if rule.budget is not None:
        details["budgeted"] = True
    return Accrue.made(
        mechanic=Cashback.name,
        rule=rule.public_id,
        rule_name=rule.name,
        reason="cashback_earned",
        details=details,
        basis=given.spend,
        asset=CREDIT,
        amount=given.amount,
        terms=lot_terms(
            wait=rule.wait,
            expiry=rule.expiry,
            at=activity.happened_at,
            zone=facts.terms.timezone,
        ),
        keep=given.keep,
        steps=given.steps,
    )


def _promise(rule: CashbackTerms, currency: str) -> str:
    """A rule as a sentence for members."""
    values = {"name": rule.name, "share": formats.percent_text(rule.rate_bp)}
    text = gettext("%(name)s: %(share)s back as store credit") % values
    if rule.restriction.minimum_minor:
        least = formats.money_text(rule.restriction.minimum_minor, currency=currency)
        text += gettext(", from %(least)s on") % {"least": least}
    if rule.cap_minor is not None:
        most = formats.money_text(rule.cap_minor, currency=currency)
        text += gettext(", at most %(most)s a sale") % {"most": most}
    for limit in rule.limits:
        if limit.measure == "amount" and not limit.by_all:
            text += _limit(limit, currency)
    if rule.wait.kind == "days":
        text += ngettext(
            ", to be spent after %(days)s day", ", to be spent after %(days)s days", rule.wait.days
        ) % {"days": rule.wait.days}
    return text


def _limit(limit: Limit, currency: str) -> str:
    most = {"most": formats.money_text(limit.maximum, currency=currency)}
    return {
        "day": gettext(", at most %(most)s a day"),
        "week": gettext(", at most %(most)s a week"),
        "month": gettext(", at most %(most)s a month"),
        "year": gettext(", at most %(most)s a year"),
        "ever": gettext(", at most %(most)s altogether"),
    }[limit.period] % most


def _how_it_pays(rule: SpendingTerms, currency: str) -> str:
    least = formats.money_text(rule.pay_minimum_minor, currency=currency)
    text = gettext("Store credit pays at the till from %(least)s on") % {"least": least}
    if rule.cap_bp < 10_000:
        text += gettext(", at most %(share)s of a bill") % {
            "share": formats.percent_text(rule.cap_bp)
        }
    return with_its_end(text, rule)


MECHANICS = (Cashback(), StoreCredit())
