"""The plug of discounts: it holds out the shop's own, and alone takes everybody's off the lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, cast

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loyalty.common.values import changed
from loyalty.engine.activity import PURCHASE, SHIPPING, ActivityData
from loyalty.engine.effects import Deduction, Effect, LowerPrice
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase, PriceOffer
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.restrictions import price
from loyalty.engine.rules import applies, capped
from loyalty.web import formats
from rewards.discounts import selectors
from rewards.discounts.rules import AMOUNT, PERCENT, DiscountTerms, Taken, best, take

Kind = Literal["percent", "amount", "fixed_price"]


class Discounts(Mechanic):
    """Better prices for those the shop wants to see again."""

    name = "discounts"
    title: ClassVar = _("Discounts")
    phase = Phase.PRICE
    activity_types: ClassVar = frozenset({PURCHASE})
    reasons: ClassVar = {"price_lowered": _("%(rule)s")}

    def load(self, programme_id: int) -> Sequence[Any]:
        # One value even where the shop has no rule of its own: other mechanics hold out prices too.
        return [selectors.counting_discounts()]

    def price_offers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[PriceOffer]:
        assert activity.sale is not None
        if activity.sale.settled:
            return []
        if not rules[0]:
            return []
        offers: list[PriceOffer] = []
        groups: set[str] = set()
        for rule in rules[0]:
            if rule.stacking_group in groups or not applies(rule, activity, facts):
                continue
            offer = _offer(rule, activity)
            if offer is None:
                continue
            if rule.is_unlimited and not rule.stacking_group:
                offers.append(offer)
                continue
            left = {line.number: line.net_minor for line in activity.sale.lines}
            alone = sum(take(offer, activity.sale.lines, left).values())
            allowed = capped(rule, alone, facts, at=activity.happened_at) if alone else 0
            if allowed > 0:
                offers.append(changed(offer, cap_minor=allowed) if allowed < alone else offer)
                groups.update(filter(None, [rule.stacking_group]))
        return offers

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        assert activity.sale is not None
        offers = facts.price_offers()
        if not offers or activity.sale.settled:
            return []
        return [_effect(one) for one in best(offers, activity.sale.lines)]

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [with_its_end(promise(one, currency), one) for one in promised(rules[0])]


def _offer(rule: DiscountTerms, activity: ActivityData) -> PriceOffer | None:
    """What a rule holds out for a sale; nothing where none of it counts."""
    assert activity.sale is not None
    lines = rule.restriction.lines(activity, worth=price)
    if lines and rule.on_delivery:
        lines = tuple(line for line in activity.sale.lines if line.kind == SHIPPING)
    if not lines:
        return None
    return PriceOffer.made(
        kind=cast("Kind", rule.discount),
        mechanic=Discounts.name,
        rule=rule.public_id,
        rule_name=rule.name,
        reason="price_lowered",
        value_bp=rule.off_bp,
        value_minor=rule.off_minor if rule.discount == AMOUNT else rule.price_minor,
        lines=frozenset([line.number for line in lines]),
        rounding=rule.rounding,
        cap_minor=rule.cap_minor,
        stacks=rule.stacks,
        order=-rule.priority,
        details={"budgeted": True} if rule.budget is not None else {},
    )


def _effect(taken: Taken) -> LowerPrice:
    offer, off = taken.offer, tuple(taken.off.items())
    return LowerPrice.made(
        mechanic=Discounts.name,
        rule=offer.rule,
        rule_name=offer.rule_name,
        reason=offer.reason,
        details={
            "rule": offer.rule_name,
            "was_minor": taken.was_minor,
            "off_minor": taken.total_minor,
            **offer.details,
        },
        basis=off,
        deductions=tuple([Deduction(line, amount, "discount") for line, amount in off]),
    )


def promise(rule: DiscountTerms, currency: str) -> str:
    """What a discount gives, in the active language; not when, and not to whom."""
    values: dict[str, Any] = {"name": rule.name, "off": off_text(rule, currency)}
    if rule.on_delivery:
        text = gettext("%(name)s: %(off)s off the delivery")
    elif rule.discount in (PERCENT, AMOUNT):
        text = gettext("%(name)s: %(off)s off")
    else:
        text = gettext("%(name)s: %(off)s each")
    text %= values
    if rule.restriction.minimum_minor:
        least = formats.money_text(rule.restriction.minimum_minor, currency=currency)
        text += gettext(", from %(least)s on") % {"least": least}
    if rule.cap_minor is not None:
        most = formats.money_text(rule.cap_minor, currency=currency)
        text += gettext(", at most %(most)s a sale") % {"most": most}
    return text


def off_text(rule: DiscountTerms, currency: str) -> str:
    """How much is off, or the fixed price."""
    if rule.discount == PERCENT:
        return formats.percent_text(rule.off_bp)
    amount = rule.off_minor if rule.discount == AMOUNT else rule.price_minor
    return formats.money_text(amount, currency=currency)


DISCOUNTS = Discounts()
MECHANICS = (DISCOUNTS,)
