"""The plug of punch cards: sales put stamps on, full cards give their reward at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import applies, capped
from loyalty.ledger.book import NOW
from loyalty.ledger.states import LotTerms
from rewards.punchcards import selectors
from rewards.punchcards.effects import CompleteCard, StampCard, StampReward
from rewards.punchcards.rules import CardTerms, Counted, Step, count, plan

# Stamps given by hand, without a sale: data {"card": family, "stamps": number}.
GIVEN = "stamps.given"
# Stamps of two cards came together (a merge, a household): is one of them full now?
TOGETHER = "stamps.together"


class PunchCards(Mechanic):
    """Every live card looks at every sale. Cards of one stacking group share no line."""

    name = "punchcards"
    title: ClassVar = _("Punch cards")
    phase = Phase.PROGRESS
    activity_types = frozenset({PURCHASE, GIVEN, TOGETHER})
    own_activities = frozenset({GIVEN, TOGETHER})
    reasons: ClassVar[dict[str, Any]] = {
        "stamped": _("Stamps on “%(card)s”: %(stamps)s"),
        "stamps_given": _("Stamps on “%(card)s”: %(stamps)s, given at the counter"),
        "card_completed": _("Card “%(card)s” is full: %(reward_name)s"),
        "stamp_reward": _("Stamp %(position)s of “%(card)s” reached"),
        "stamps_fell": _("Stamp taken off “%(card)s” after a refund"),
        "card_reopened": _("“%(card)s” is open again after a refund"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.counting_cards()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        effects: list[Effect] = []
        taken: dict[str, set[int]] = {}
        stamped: set[str] = set()
        for card in rules:
            if card.family in stamped or not applies(card, activity, facts):
                continue
            if activity.type == TOGETHER:
                stamped.add(card.family)
                effects += _filled_together(card, facts)
                continue
            group = taken.setdefault(card.stacking_group, set()) if card.stacking_group else None
            if activity.type == GIVEN:
                counted = _given(card, activity)
            else:
                assert activity.sale is not None
                counted = count(card, activity.sale, taken=group or ())
            if counted is None:
                continue
            stamped.add(card.family)
            stamps = counted.stamps
            if not card.is_unlimited:
                stamps = capped(card, stamps, facts, at=activity.happened_at)
            if stamps == 0:
                continue
            if group is not None:
                group.update(_lines(card, activity, counted))
            effects += _effects(card, activity, counted, stamps, facts)
        return effects

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        seen: dict[str, CardTerms] = {}
        for card in promised(rules):
            seen.setdefault(card.family, card)
        return [with_its_end(_sentence(card), card) for card in seen.values()]


def _sentence(card: CardTerms) -> str:
    values = {
        "card": card.name,
        "stamps": card.missing_when_empty(0),
        "reward": card.reward_name(get_language() or "vi"),
    }
    text = gettext("Card “%(card)s”: %(stamps)s stamps, then “%(reward)s”.") % values
    if card.expiry.kind != "none":
        text += " " + gettext("Stamps of a card die together.")
    return text


def _given(card: CardTerms, activity: ActivityData) -> Counted | None:
    if activity.data.get("card") != card.family:
        return None
    return Counted.made(measure="visit", units=1, stamps=int(activity.data["stamps"]))


def _lines(card: CardTerms, activity: ActivityData, counted: Counted) -> list[int]:
    if counted.basis or activity.sale is None:
        return [line for line, _weight in counted.basis]
    return [line.number for line in activity.sale.goods]


def _effects(
    card: CardTerms, activity: ActivityData, counted: Counted, stamps: int, facts: Facts
) -> list[Effect]:
    steps = _plan(card, facts, stamps)
    if card.expiry.kind == "none":
        # One entry for all stamps; without a date it does not matter which card they are on.
        total = sum([step.stamps for step in steps])
        effects: list[Effect] = [_stamps(card, activity, counted, total, offset=0, terms=NOW)]
        for step in steps:
            if step.fills or step.interims:
                effects += _rewards(card, step, facts)
        return effects
    effects = []
    offset = 0
    for step in steps:
        terms = _terms(card, activity, step, facts)
        if step.stamps:
            effects.append(
                _stamps(card, activity, counted, step.stamps, offset=offset, terms=terms)
            )
        offset += step.stamps
        if terms.expires_at is None or terms.expires_at > facts.now:
            effects += _rewards(card, step, facts)
        elif step.fills:
            # An old receipt on a card that is over already: there is nothing to fill.
            break
    return effects


def _plan(card: CardTerms, facts: Facts, stamps: int) -> list[Step]:
    balance, earned, spent = facts.counts(card.asset)
    return plan(card, balance=balance, earned=earned, spent=spent, stamps=stamps)


def _filled_together(card: CardTerms, facts: Facts) -> list[Effect]:
    return [one for step in _plan(card, facts, 0) for one in _rewards(card, step, facts)]


def _terms(card: CardTerms, activity: ActivityData, step: Step, facts: Facts) -> LotTerms:
    """All stamps of a card die with its first one."""
    known = None
    if card.expiry.kind == "rolling" and not step.fresh:
        known = facts.first_expiry(card.asset)
    at = activity.happened_at
    return LotTerms.made(expires_at=known or card.expiry.instant(at, facts.terms.timezone))


def _stamps(
    card: CardTerms,
    activity: ActivityData,
    counted: Counted,
    amount: int,
    *,
    offset: int,
    terms: LotTerms,
) -> StampCard:
    given = activity.type == GIVEN
    return StampCard.made(
        mechanic=PunchCards.name,
        rule=card.public_id,
        rule_name=card.name,
        reason="stamps_given" if given else "stamped",
        details=_told(card, activity, amount),
        basis=counted.basis,
        family=card.family,
        asset=card.asset,
        amount=amount,
        counted=counted,
        per=card.per_minor,
        each=card.stamps_each,
        offset=offset,
        watched=bool(card.interims),
        terms=terms,
    )


def _told(card: CardTerms, activity: ActivityData, amount: int) -> dict[str, Any]:
    told: dict[str, Any] = {"card": card.name, "stamps": amount}
    if card.budget is not None:
        told["budgeted"] = True
    if activity.data.get("text"):
        told["text"] = activity.data["text"]
    return told


def _rewards(card: CardTerms, step: Step, facts: Facts) -> list[Effect]:
    effects: list[Effect] = []
    if step.interims:
        had = {one.memo["at"] for one in facts.standing(kind=StampReward.kind, asset=card.asset)}
        effects += [
            StampReward(
                mechanic=PunchCards.name,
                rule=card.public_id,
                rule_name=card.name,
                reason="stamp_reward",
                details={"card": card.name, "position": interim.position},
                family=card.family,
                asset=card.asset,
                at=at,
                reward=interim.reward,
            )
            for interim, at in step.interims
            if at not in had
        ]
    if step.fills:
        effects.append(
            CompleteCard.made(
                mechanic=PunchCards.name,
                rule=card.public_id,
                rule_name=card.name,
                reason="card_completed",
                details={
                    "card": card.name,
                    "reward_name": card.reward_name(facts.terms.language),
                },
                family=card.family,
                asset=card.asset,
                amount=step.fills,
                reward=card.reward,
            )
        )
    return effects


MECHANICS = (PunchCards(),)
