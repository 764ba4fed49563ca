"""The plug of challenges: activities make progress, keep streaks, and reach what is rewarded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.challenges import selectors
from campaigns.challenges.effects import (
    AwardBadge,
    CompleteMission,
    CountThing,
    CountUnit,
    GivePoints,
    GiveReward,
    MakeProgress,
    ReachStep,
)
from campaigns.challenges.effects.prizes import BADGE_PREFIX
from campaigns.challenges.rules import missions, streaks
from campaigns.challenges.rules.missions import (
    Measured,
    MissionState,
    MissionTerms,
    measure,
    mission_state,
    status_name,
)
from campaigns.challenges.rules.periods import Span, span_of
from campaigns.challenges.rules.prizes import POINTS, Prize, points_end
from campaigns.challenges.rules.streaks import StreakTerms, count, streak_state
from campaigns.challenges.rules.words import mission_sentence, streak_sentence
from loyalty.common.naming import told
from loyalty.engine.activity import ActivityData
from loyalty.engine.effects import Accrue, Effect
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import RuleTerms, applies, capped
from loyalty.engine.status import Status
from loyalty.ledger.assets import unit_names
from loyalty.ledger.states import LotTerms

# A day in the shop, said by the member; a missed day that staff count as kept:
# data {"streak": family, "unit": number, "text": why}.
CHECK_IN, REPAIRED = "check_in", "streak.repaired"


class Missions(Mechanic):
    """Every live mission looks at every activity."""

    name = "missions"
    title: ClassVar = _("Missions")
    phase = Phase.PROGRESS
    reasons: ClassVar[dict[str, Any]] = {
        "mission_progress": _("Progress in “%(mission)s”"),
        "mission_thing": _("“%(thing)s” counts for “%(mission)s”"),
        "mission_points_each": _("New in “%(mission)s”: %(thing)s"),
        "mission_completed": _("Mission “%(mission)s” done"),
        "mission_prize": _("For the mission “%(mission)s”"),
        "mission_reopened": _("“%(mission)s” is open again after a refund"),
        "progress_fell": _("Progress in “%(mission)s” taken back after a refund"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.counting_missions()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        effects: list[Effect] = []
        counted: set[str] = set()
        for mission in rules:
            if mission.family in counted or not _may_count(mission, activity, facts):
                continue
            measured = measure(mission, activity)
            if measured is None:
                continue
            counted.add(mission.family)
            effects += _answer(mission, activity, measured, facts)
        return effects

    def joined_status(self, name: str, own: Status | None, other: Status) -> Status | None:
        if name.startswith(BADGE_PREFIX):
            return own if own and own.value else other
        if not name.startswith(status_name("")):
            return None
        state = missions.joined(mission_state(own), mission_state(other))
        return missions.as_status(state, now=max(other.since, own.since if own else other.since))

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        seen: dict[str, MissionTerms] = {}
        for mission in promised(rules):
            seen.setdefault(mission.family, mission)
        names = {mission.family: told(mission.name) for mission in rules}
        units = unit_names()
        return [
            with_its_end(
                mission_sentence(
                    one, currency=currency, after=names.get(one.after, ""), units=units
                ),
                one,
            )
            for one in seen.values()
        ]


class Streaks(Mechanic):
    """Days and weeks in a row, in the member's own time zone."""

    name = "streaks"
    title: ClassVar = _("Streaks")
    phase = Phase.PROGRESS
    own_activities = frozenset({CHECK_IN, REPAIRED})
    activity_words: ClassVar = {CHECK_IN: _("a check-in")}
    reasons: ClassVar[dict[str, Any]] = {
        "streak_unit": _("“%(streak)s”: %(length)s in a row"),
        "streak_points": _("“%(streak)s”: %(length)s in a row"),
        "streak_step": _("“%(streak)s”: %(length)s in a row reached"),
        "streak_prize": _("For %(length)s in a row in “%(streak)s”"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.counting_streaks()

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        effects: list[Effect] = []
        counted: set[str] = set()
        for streak in rules:
            if streak.family in counted or not _stands_for(streak, activity):
                continue
            if not applies(streak, activity, facts):
                continue
            counted.add(streak.family)
            effects += _count_unit(streak, activity, facts)
        return effects

    def joined_status(self, name: str, own: Status | None, other: Status) -> Status | None:
        if not name.startswith("streak:"):
            return None
        if own is None or not own.data or not other.data:
            return own if own and own.data else other
        state = streaks.joined(streaks.state_of(own), streaks.state_of(other))
        return streaks.as_status(state, now=max(own.since, other.since))

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        seen: dict[str, StreakTerms] = {}
        for streak in promised(rules):
            seen.setdefault(streak.family, streak)
        units = unit_names()
        return [with_its_end(streak_sentence(one, units=units), one) for one in seen.values()]


def _zone(facts: Facts) -> str:
    """Where the member lives, as far as it is known."""
    return facts.member.timezone or facts.terms.timezone


def _may_count(mission: MissionTerms, activity: ActivityData, facts: Facts) -> bool:
    if mission.after:
        before = mission_state(facts.status(status_name(mission.after)))
        if not before.times:
            return False
    return applies(mission, activity, facts)


def _answer(
    mission: MissionTerms, activity: ActivityData, measured: Measured, facts: Facts
) -> list[Effect]:
    span = span_of(mission.period, activity.happened_at, _zone(facts))
    state = mission_state(facts.status(mission.status))
    done = state.is_done(span.key)
    if done and not mission.goes_on:
        return []
    if mission.is_distinct:
        return _things(mission, activity, measured, span, state, facts)
    amount = capped(mission, measured.units, facts, at=activity.happened_at)
    if amount <= 0:
        return []
    said: dict[str, Any] = {"mission": mission.name}
    if mission.budget is not None:
        said["budgeted"] = True
    effects: list[Effect] = [
        MakeProgress.made(
            mechanic=Missions.name,
            rule=mission.public_id,
            rule_name=mission.name,
            reason="mission_progress",
            details=said,
            basis=measured.basis,
            asset=mission.asset,
            amount=amount,
            span=span.key,
            terms=LotTerms.made(expires_at=span.ends_at, opened_at=activity.happened_at),
        )
    ]
    is_over = span.ends_at is not None and span.ends_at <= facts.now
    if not done and not is_over and facts.balance(mission.asset) + amount >= mission.target:
        effects += _completion(mission, activity, span, takes=mission.target, facts=facts)
    return effects


def _things(
    mission: MissionTerms,
    activity: ActivityData,
    measured: Measured,
    span: Span,
    state: MissionState,
    facts: Facts,
) -> list[Effect]:
    if state.things and span.key < state.span:
        return []  # a late report of a stretch that is over
    state = state.at(span.key)
    known, effects = set(state.things), list[Effect]()
    for thing, basis in measured.things:
        said = {"mission": mission.name, "thing": thing}
        effects.append(
            CountThing.made(
                **_of(mission, "mission_thing", said),
                basis=basis,
                asset=mission.asset,
                family=mission.family,
                thing=thing,
                span=span.key,
            )
        )
        if thing not in known and mission.points_each:
            effects.append(
                Accrue.made(
                    **_of(mission, "mission_points_each", said),
                    basis=basis,
                    asset=POINTS,
                    amount=mission.points_each,
                    terms=_lot(mission.prize.points_days, activity.happened_at, facts),
                )
            )
        known.add(thing)
    needed = mission.target + state.owed
    if len(known) >= needed:
        effects += _completion(mission, activity, span, needed=needed, facts=facts)
    return effects


def _completion(
    mission: MissionTerms,
    activity: ActivityData,
    span: Span,
    *,
    facts: Facts,
    takes: int = 0,
    needed: int = 0,
) -> list[Effect]:
    of = f"{mission.family}:{span.key}:{activity.key}"[:120]
    said = {"mission": mission.name}
    done = CompleteMission.made(
        **_of(mission, "mission_completed", said),
        asset=mission.asset,
        family=mission.family,
        span=span.key,
        of=of,
        takes=takes,
        needed=needed,
        prize=mission.prize,
    )
    common = _of(mission, "mission_prize", said)
    given = _prizes(
        mission.prize, common, of=of, asset=mission.asset, source=mission.family, facts=facts
    )
    return [done, *given]


def _stands_for(streak: StreakTerms, activity: ActivityData) -> bool:
    if activity.type == REPAIRED:
        return bool(activity.data.get("streak") == streak.family)
    return activity.type in streak.activities


def _count_unit(streak: StreakTerms, activity: ActivityData, facts: Facts) -> list[Effect]:
    state, zone = streak_state(facts.status(streak.status), streak), _zone(facts)
    unit = activity.data["unit"] if activity.type == REPAIRED else None
    counted = count(streak, state, at=activity.happened_at, zone=zone, unit=unit)
    if not counted.is_new and activity.sale is None:
        return []  # what cannot be refunded stands for a day once
    length = counted.reached[-1] if counted.reached else counted.state.length_to(counted.unit)
    said = {"streak": streak.name, "length": length}
    effects: list[Effect] = [
        CountUnit.made(
            mechanic=Streaks.name,
            rule=streak.public_id,
            rule_name=streak.name,
            reason="streak_unit",
            details=said,
            asset=streak.asset,
            streak=streak,
            at=activity.happened_at,
            zone=zone,
            unit=unit,
            state=state,
            counted=counted,
        )
    ]
    if counted.is_new and streak.points_each:
        effects.append(
            Accrue.made(
                mechanic=Streaks.name,
                rule=streak.public_id,
                rule_name=streak.name,
                reason="streak_points",
                details=said,
                asset=POINTS,
                amount=streak.points_each,
                terms=_lot(streak.points_days, activity.happened_at, facts),
            )
        )
    steps = {step.at: step.prize for step in streak.steps}
    for reached in counted.reached if steps else ():
        prize = steps.get(streak.position(reached))
        if prize is not None:
            effects += _step(streak, activity, reached, counted.unit, prize, facts)
    return effects


def _step(
    streak: StreakTerms,
    activity: ActivityData,
    length: int,
    unit: int,
    prize: Prize,
    facts: Facts,
) -> list[Effect]:
    of = f"{streak.family}:{length}:{activity.key}"[:120]
    said = {"streak": streak.name, "length": length}
    step = ReachStep.made(
        **_of(streak, "streak_step", said),
        asset=streak.asset,
        family=streak.family,
        length=length,
        unit=unit,
        of=of,
        prize=prize,
    )
    common = _of(streak, "streak_prize", said)
    given = _prizes(prize, common, of=of, asset=streak.asset, source=streak.family, facts=facts)
    return [step, *given]


def _prizes(
    prize: Prize, common: dict[str, Any], *, of: str, asset: str, source: str, facts: Facts
) -> list[Effect]:
    effects: list[Effect] = []
    if prize.points:
        effects.append(
            GivePoints(
                **common,
                of=of,
                asset=asset,
                amount=prize.points,
                terms=_lot(prize.points_days, facts.now, facts),
            )
        )
    if prize.reward:
        effects.append(GiveReward(**common, of=of, asset=asset, reward=prize.reward, source=source))
    if prize.badge:
        effects.append(AwardBadge(**common, of=of, asset=asset, badge=prize.badge))
    return effects


def _lot(days: int, at: datetime, facts: Facts) -> LotTerms:
    return LotTerms.made(expires_at=points_end(days, at, facts.terms.timezone))


def _of(rule: RuleTerms, reason: str, said: dict[str, Any]) -> dict[str, Any]:
    """What every effect of a rule says."""
    return {
        "mechanic": Streaks.name if isinstance(rule, StreakTerms) else Missions.name,
        "rule": rule.public_id,
        "rule_name": rule.name,
        "reason": reason,
        "details": said,
    }


MECHANICS = (Missions(), Streaks())
