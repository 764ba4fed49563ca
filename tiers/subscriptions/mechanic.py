"""The plug of product subscriptions: who subscribes to what and since when, and subscribers' perks.

All of it reads the one status ``subscriptions``: ``data["held"]`` lists what the member subscribes to,
each with the version of the offer it runs under. Deliveries themselves are sales like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import local_day
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.fact_info import DAYS, FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Multiplier, Phase, PriceOffer
from loyalty.engine.promises import promised
from loyalty.engine.status import Status
from loyalty.ledger.assets import unit_name
from loyalty.web import formats
from tiers.subscriptions import selectors
from tiers.subscriptions.effects import UseSubscription
from tiers.subscriptions.rules.schedule import whole_months
from tiers.subscriptions.rules.terms import AHEAD, BEFORE, DIFFERENCE, ON_DELIVERY, STAY, OfferTerms
from tiers.subscriptions.rules.words import rhythms_text

STATUS = "subscriptions"


def held(status: Status | None) -> list[dict[str, Any]]:
    """What a member subscribes to, as the status lists it."""
    return list(status.data.get("held", ())) if status else []


def _codes(world: Any) -> list[str]:
    return sorted({one["code"] for one in held(world.status(STATUS))})


def _skus(world: Any) -> list[str]:
    return sorted({sku for one in held(world.status(STATUS)) for sku in one["skus"]})


def _months(world: Any) -> int:
    """Whole months since the oldest running subscription began; 0 without one."""
    zone = world.terms.timezone
    since = [datetime.fromisoformat(one["since"]) for one in held(world.status(STATUS))]
    if not since:
        return 0
    return whole_months(local_day(min(since), zone), local_day(world.now, zone))


class Subscriptions(Mechanic):
    """Perks of subscribers at the till."""

    name = "subscriptions"
    title: ClassVar = _("Subscriptions")
    phase = Phase.STATUS
    activity_types: ClassVar = frozenset({PURCHASE})
    facts: ClassVar = {
        "subscription.active": lambda world: bool(held(world.status(STATUS))),
        "subscription.offers": _codes,
        "subscription.months": _months,
        "subscription.skus": _skus,
    }
    fact_info: ClassVar = {
        "subscription.active": FactInfo(label=_("subscribes to something"), kind="flag"),
        "subscription.offers": FactInfo(
            label=_("subscriptions"), kind="texts", options=selectors.offer_names
        ),
        "subscription.months": FactInfo(label=_("months as a subscriber")),
        "subscription.skus": FactInfo(label=_("products subscribed to"), kind="texts"),
    }
    reasons: ClassVar = {
        "subscriber_price": _("Subscribers' price of “%(offer)s”"),
        "subscriber_multiplier": _("%(rule)s"),
        "subscription_used": _("Subscriber of “%(offer)s”"),
    }

    def load(self, programme_id: int) -> Sequence[OfferTerms]:
        return selectors.counting_offers()

    def multipliers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[Multiplier]:
        return [
            Multiplier(
                asset="points",
                factor_bp=offer.factor_bp,
                rule=offer.public_id,
                rule_name=offer.name,
                reason="subscriber_multiplier",
            )
            for offer in _held_offers(rules, facts)
            if offer.factor_bp > 10_000
        ]

    def price_offers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[PriceOffer]:
        return [
            PriceOffer(
                kind="percent",
                mechanic=self.name,
                rule=offer.public_id,
                rule_name=offer.name,
                reason="subscriber_price",
                value_bp=offer.perk_bp,
                order=-offer.priority,
                details={"offer": offer.name},
            )
            for offer in _held_offers(rules, facts)
            if offer.perk_bp
        ]

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        return [
            UseSubscription(
                mechanic=self.name,
                rule=offer.public_id,
                rule_name=offer.name,
                reason="subscription_used",
                details={"offer": offer.name},
            )
            for offer in _held_offers(rules, facts)
            if offer.perk_bp or offer.factor_bp > 10_000
        ]

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [_promise(offer, currency) for offer in promised(rules) if offer.is_open]


def _held_offers(rules: Sequence[OfferTerms], facts: Facts) -> Iterator[OfferTerms]:
    """Each offer once, however many subscriptions of it run."""
    running = held(facts.status(STATUS))
    if running:
        known = {offer.public_id: offer for offer in rules}
        wanted = dict.fromkeys(one["offer"] for one in running)
        yield from (known[one] for one in wanted if one in known)


def _promise(offer: OfferTerms, currency: str) -> str:
    parts = (
        gettext("Subscription “%(offer)s”: %(rhythm)s.")
        % {"offer": offer.name, "rhythm": rhythms_text(offer)},
        _weekdays(offer),
        _discounts(offer),
        _changing(offer),
        _leaving(offer),
        _paying(offer, currency),
        _perks(offer),
    )
    return " ".join(part for part in parts if part)


def _weekdays(offer: OfferTerms) -> str:
    if not offer.weekdays:
        return ""
    days = ", ".join(str(DAYS[day - 1]) for day in sorted(offer.weekdays))
    return gettext("It comes on %(days)s.") % {"days": days}


def _discounts(offer: OfferTerms) -> str:
    found = []
    if offer.discount_bp:
        found.append(
            gettext("%(share)s off every delivery")
            % {"share": formats.percent_text(offer.discount_bp)}
        )
    for step in offer.by_products:
        found.append(
            gettext("%(share)s off from %(n)s products on one delivery")
            % {"share": formats.percent_text(step.discount_bp), "n": step.at_least}
        )
    for step in offer.commitments:
        found.append(
            gettext("%(share)s off from %(n)s months committed")
            % {"share": formats.percent_text(step.discount_bp), "n": step.at_least}
        )
    if not found:
        return ""
    told = "; ".join(found)
    best = gettext("The best of these counts, on the price of the day the delivery is closed.")
    if offer.holds_price:
        best = gettext(
            "The best of these counts; the price of the first day holds while committed."
        )
    return f"{told[:1].upper()}{told[1:]}. {best}"


def _changing(offer: OfferTerms) -> str:
    clock = f"{offer.cutoff_hour:02d}:00"
    until = ngettext(
        "Each delivery can be changed, skipped or moved until %(clock)s, %(n)s day before it.",
        "Each delivery can be changed, skipped or moved until %(clock)s, %(n)s days before it.",
        offer.cutoff_days,
    ) % {"clock": clock, "n": offer.cutoff_days}
    pause = gettext("A pause lasts at most %(n)s days.") % {"n": offer.longest_pause_days}
    return f"{until} {pause}"


def _leaving(offer: OfferTerms) -> str:
    if not offer.commitments:
        return gettext("It can be cancelled at any time.")
    if offer.leaving == STAY:
        return gettext("Who commits stays until that time is over.")
    if offer.leaving == DIFFERENCE:
        return gettext("Who leaves earlier pays back what the longer time saved.")
    return gettext("It can be cancelled at any time at no cost.")


def _paying(offer: OfferTerms, currency: str) -> str:
    ways = {
        BEFORE: gettext("before each delivery"),
        ON_DELIVERY: gettext("in cash on delivery"),
        AHEAD: gettext("ahead for the committed time"),
    }
    told = gettext("Paid %(ways)s.") % {
        "ways": gettext(" or ").join(ways[one] for one in offer.ways_to_pay)
    }
    if offer.delivers and offer.shipping_minor:
        price = formats.money_text(offer.shipping_minor, currency=currency)
        told += " " + gettext("Bringing it costs %(price)s.") % {"price": price}
    return told


def _perks(offer: OfferTerms) -> str:
    found = []
    if offer.factor_bp > 10_000:
        found.append(formats.factor_text(offer.factor_bp, unit=unit_name()))
    if offer.perk_bp:
        share = formats.percent_text(offer.perk_bp)
        found.append(gettext("%(share)s off at the till") % {"share": share})
    return gettext("Subscribers get %(perks)s.") % {"perks": ", ".join(found)} if found else ""


MECHANICS = (Subscriptions(),)
