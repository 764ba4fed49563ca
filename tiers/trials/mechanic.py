"""The plug of trials: who may have one, and which purchases were won by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.matching import as_texts
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import applies, capped
from tiers.trials import selectors
from tiers.trials.effects import BuyAfterTrial, GiveTrial
from tiers.trials.rules import PLAN, STATUS, Open, TrialTerms, codes, open_at

# What only the house records: somebody takes a trial; somebody joins the plan they tried.
TAKEN, PLAN_BOUGHT = "trial.taken", "trial.plan_bought"


class Trials(Mechanic):
    """Gives what is asked for where the rule lets it, and counts what was bought afterwards."""

    name = "trials"
    title: ClassVar = _("Trials")
    phase = Phase.STATUS
    activity_types: ClassVar = frozenset({PURCHASE, TAKEN, PLAN_BOUGHT})
    own_activities: ClassVar = frozenset({TAKEN, PLAN_BOUGHT})
    facts: ClassVar = {
        "trial.had": lambda world: codes(world.status(STATUS), "had"),
        "trial.bought": lambda world: codes(world.status(STATUS), "bought"),
    }
    fact_info: ClassVar = {
        "trial.had": FactInfo(
            label=_("tried"),
            kind="texts",
            options=selectors.trial_names,
            where=as_texts(selectors.members_who_had),
        ),
        "trial.bought": FactInfo(
            label=_("bought after a trial"), kind="texts", options=selectors.trial_names
        ),
    }
    reasons: ClassVar = {
        "trial_given": _("Trial: %(trial)s"),
        "bought_after_trial": _("Bought after the trial “%(trial)s”"),
    }

    def load(self, programme_id: int) -> Sequence[TrialTerms]:
        return selectors.counting_trials()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        if activity.type == TAKEN:
            return [
                _given(rule, activity)
                for rule in rules
                if rule.public_id == activity.data["trial"] and not why_not(rule, activity, facts)
            ]
        return list(_bought(activity, facts))

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [with_its_end(_promise(rule), rule) for rule in promised(rules) if not rule.by_hand]


def why_not(rule: TrialTerms, activity: ActivityData, facts: Facts) -> str:
    """Why a member cannot have a trial now: ``not_for_you``, ``has_plan``, ``out_of_stock``,
    ``limit_reached``; empty where they can. To whom it was offered by hand, it is for them.
    """
    is_offered = bool(activity.data.get("offered"))
    if rule.by_hand and not is_offered:
        return "not_for_you"
    asked = replace(rule, audience=(), pilot=False, holdout_bp=0) if is_offered else rule
    if not applies(asked, activity, facts):
        return "not_for_you"
    if rule.what == PLAN and rule.plan in facts["membership.plans"]:
        return "has_plan"
    if rule.budget is not None and facts.budget_left(rule.public_id) == 0:
        return "out_of_stock"
    return "" if capped(rule, 1, facts, at=activity.happened_at) else "limit_reached"


def taking_activity(trial: str, *, is_offered: bool, at: datetime) -> ActivityData:
    """Taking a trial (public id of the version), as the engine would see it."""
    data = {"trial": trial, "offered": is_offered}
    return ActivityData(type=TAKEN, key=trial, happened_at=at, data=data)


def _given(rule: TrialTerms, activity: ActivityData) -> GiveTrial:
    details: dict[str, Any] = {"trial": rule.name}
    if rule.budget is not None:
        details["budgeted"] = True
    return GiveTrial(
        mechanic=Trials.name,
        rule=rule.public_id,
        rule_name=rule.name,
        reason="trial_given",
        details=details,
        taking=str(activity.data["taking"]),
    )


def _bought(activity: ActivityData, facts: Facts) -> Iterator[BuyAfterTrial]:
    for entry in open_at(facts.status(STATUS), activity.happened_at):
        if activity.sale is not None:
            lines = [
                (line.number, line.net_minor)
                for line in activity.sale.lines
                if entry.sku and line.sku == entry.sku and line.net_minor > 0
            ]
            if lines:
                yield _buy(entry, tuple(lines))
        elif entry.plan and activity.data.get("plan") == entry.plan:
            yield _buy(entry, ())


def _buy(entry: Open, basis: tuple[tuple[int, int], ...]) -> BuyAfterTrial:
    return BuyAfterTrial(
        mechanic=Trials.name,
        rule=entry.family,
        rule_name=entry.name,
        reason="bought_after_trial",
        details={"trial": entry.name},
        basis=basis,
        entry=entry,
    )


def _promise(rule: TrialTerms) -> str:
    if rule.what == PLAN:
        text = gettext("“%(trial)s”: free for %(days)s days, once for each member.")
        return text % {"trial": rule.name, "days": rule.plan_days}
    text = gettext("“%(trial)s”: one free for each member to try, while there are any.")
    return text % {"trial": rule.name}


MECHANICS = (Trials(),)
