"""The plug of donations: sales give to causes, by rules of the shop and by the member's own wish.

What a member wishes is the status ``donations``: its value the cause they chose, ``round_up`` in its
data whether their bills are rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.donations import selectors
from campaigns.donations.effects import Donate, GivePoints
from campaigns.donations.rules import CauseTerms, DonationTerms, Gift, asset_of, gift
from loyalty.common.values import changed
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import applies, capped
from loyalty.engine.status import Status
from loyalty.web import formats

STATUS = "donations"
# A member gives points: data {"cause": family, "points": number, "worth_minor": what they are worth}.
POINTS_GIVEN = "points.donated"


class Donations(Mechanic):
    """Every live way of giving looks at every sale."""

    name = "donations"
    title: ClassVar = _("Good causes")
    phase = Phase.PROGRESS
    activity_types: ClassVar = frozenset({PURCHASE, POINTS_GIVEN})
    own_activities: ClassVar = frozenset({POINTS_GIVEN})
    reasons: ClassVar = {
        "donated": _("The shop gave to “%(cause)s” for your purchase"),
        "rounded_up": _("You rounded up for “%(cause)s”"),
        "item_given": _("One for one: things given to “%(cause)s”"),
        "points_given": _("%(points)s points given to “%(cause)s”"),
        "donation_fell": _("Less for “%(cause)s” after a refund"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.counting()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        causes = {
            one.family: one
            for one in rules
            if isinstance(one, CauseTerms) and applies(one, activity, facts)
        }
        if activity.type == POINTS_GIVEN:
            cause = causes.get(activity.data["cause"])
            return [_points(activity, cause)] if cause and cause.takes_points else []
        effects: list[Effect] = []
        taken: set[str] = set()
        for rule in rules:
            if not isinstance(rule, DonationTerms) or not applies(rule, activity, facts):
                continue
            cause = _cause_of(rule, causes, facts)
            if cause is None or (rule.stacking_group and rule.stacking_group in taken):
                continue
            found = gift(rule, activity)
            amount = capped(rule, found.amount, facts, at=activity.happened_at) if found else 0
            if found and amount:
                taken.add(rule.stacking_group)
                effects.append(_donate(rule, cause, found, amount))
        return effects

    def joined_status(self, name: str, own: Status | None, other: Status) -> Status | None:
        """A wish of the card that lives goes before one of the card that was merged into it."""
        return (own or other) if name == STATUS else None

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        live = promised(rules)
        causes = {one.family: one.name for one in live if isinstance(one, CauseTerms)}
        return [
            with_its_end(_sentence(rule, causes[rule.cause], currency), rule)
            for rule in live
            if isinstance(rule, DonationTerms) and rule.cause in causes
        ]


def _cause_of(
    rule: DonationTerms, causes: Mapping[str, CauseTerms], facts: Facts
) -> CauseTerms | None:
    """Where a gift goes: to the member's own cause, else to the rule's; closed ones get nothing."""
    status = facts.status(STATUS)
    if rule.way == "round_up" and not (status and status.data.get("round_up")):
        return None
    chosen = causes.get(status.value) if status and rule.member_chooses else None
    return chosen or causes.get(rule.cause)


_REASONS = {"member": "rounded_up", "items": "item_given"}


def _donate(rule: DonationTerms, cause: CauseTerms, found: Gift, amount: int) -> Donate:
    details: dict[str, Any] = {"cause": cause.name}
    if rule.purse == "member":
        details["on_top_minor"] = amount
    if rule.budget is not None:
        details["budgeted"] = True
    return Donate.made(
        mechanic=Donations.name,
        rule=rule.public_id,
        rule_name=rule.name,
        reason=_REASONS.get(rule.purse, "donated"),
        details=details,
        basis=found.basis,
        asset=asset_of(cause.family, rule.purse),
        gift=found if amount == found.amount else changed(found, amount=amount),
    )


def _points(activity: ActivityData, cause: CauseTerms) -> GivePoints:
    points = int(activity.data["points"])
    return GivePoints(
        mechanic=Donations.name,
        rule=cause.public_id,
        rule_name=cause.name,
        reason="points_given",
        details={"cause": cause.name, "points": points},
        points_asset="points",
        points=points,
        asset=asset_of(cause.family, "points"),
        worth_minor=int(activity.data["worth_minor"]),
    )


def _sentence(rule: DonationTerms, cause: str, currency: str) -> str:
    def money(minor: int) -> str:
        return formats.money_text(minor, currency=currency)

    values = {
        "cause": cause,
        "amount": money(rule.amount_minor),
        "items": rule.per_items,
        "share": formats.percent_text(rule.share_bp),
        "whole": money(rule.round_to_minor),
    }
    texts = {
        "purchase": gettext("We give %(amount)s to “%(cause)s” for each purchase."),
        "item": gettext("We give %(amount)s to “%(cause)s” for each %(items)s items bought.")
        if rule.per_items > 1
        else gettext("We give %(amount)s to “%(cause)s” for each item bought."),
        "percent": gettext("We give %(share)s of what you buy to “%(cause)s”."),
        "round_up": gettext(
            "If you like, your bill is rounded up to whole %(whole)s, and the difference goes to "
            "“%(cause)s”."
        ),
        "one_for_one": gettext("For each %(items)s bought, we give one to “%(cause)s”.")
        if rule.per_items > 1
        else gettext("For each one bought, we give one to “%(cause)s”."),
    }
    return texts[rule.way] % values


MECHANICS = (Donations(),)
