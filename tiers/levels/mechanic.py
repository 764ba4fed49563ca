"""The plug of levels: what counts, who moves, what a level gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import local_day
from loyalty.common.values import Value, changed, value
from loyalty.engine.activity import ActivityData
from loyalty.engine.effects import Effect, GrantReward
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Multiplier, Phase, PriceOffer
from loyalty.engine.status import Status
from tiers.levels import selectors
from tiers.levels.effects import MECHANIC, CountForLevel, MoveLevel, counting_effects
from tiers.levels.rules.keeping import STATUS, read_standing, together, written
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.level import MONTHS, LevelTerms
from tiers.levels.rules.presence import (
    code_held,
    held_by,
    is_early,
    is_later,
    ladder_for,
    rank_held,
    shielded,
    standing_by,
    tally_of,
)
from tiers.levels.rules.standing import (
    Credit,
    Gift,
    Standing,
    Tally,
    advanced,
    counted,
    late_receipt,
)
from tiers.levels.rules.windows import months_between
from tiers.levels.rules.words import sentences
from tiers.levels.selectors.asking import level_where, rank_where

# What only the house records: a review that is due; a level given by hand, and taken back; what was
# counted apart counts together.
REVIEW, GIVEN, TAKEN, TOGETHER = "level.review", "level.given", "level.taken", "level.together"
_BY_HAND = frozenset({GIVEN, TAKEN, TOGETHER})
_BY_HAND_OR_DUE = _BY_HAND | {REVIEW}
_BIRTHDAY = "member.birthday"


class Levels(Mechanic):
    """Counts what a ladder asks for and moves members on it; their level's perks count at once."""

    name = MECHANIC
    title: ClassVar = _("Levels")
    phase = Phase.STATUS
    own_activities: ClassVar = frozenset({REVIEW, GIVEN, TAKEN, TOGETHER})
    facts: ClassVar = {
        "level": code_held,
        "level_rank": rank_held,
        "level.early_access": is_early,
    }
    fact_info: ClassVar = {
        "level": FactInfo(
            label=_("level"),
            kind="text",
            options=selectors.level_names,
            where=level_where,
            promise=selectors.told_by,
        ),
        "level_rank": FactInfo(
            label=_("place of the level, from 1"),
            where=rank_where,
            promise=selectors.told_by_rank,
        ),
        "level.early_access": FactInfo(label=_("level with early access"), kind="flag"),
    }
    reasons: ClassVar = {
        "counts_for_level": _("Counts for the level: %(rule)s"),
        "level_reached": _("Level “%(level)s” reached"),
        "level_kept": _("Level “%(level)s” kept"),
        "level_fell": _("Level “%(level)s” after the review"),
        "level_grace": _("Level “%(level)s” kept until %(day)s, though too little counted"),
        "level_coming": _("A higher level from %(day)s on"),
        "level_given": _("Level “%(level)s”, given: %(text)s"),
        "level_given_over": _("Level “%(level)s”; what was given is over"),
        "level_noted": _("Level “%(level)s”"),
        "level_multiplier": _("More points with level “%(rule)s”"),
        "level_price": _("Price of level “%(rule)s”"),
        "level_delivery": _("Free delivery with level “%(rule)s”"),
        "level_birthday": _("Birthday gift of level “%(rule)s”"),
    }

    def load(self, programme_id: int) -> Sequence[LadderTerms]:
        return selectors.counting_ladders()

    def multipliers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[Multiplier]:
        held = _held(rules, facts)
        if held is None or held[1].factor_bp <= 10_000:
            return []
        ladder, level = held
        key = (level.code, facts.terms.language)
        known = ladder.factors.get(key)
        if known is None:
            known = ladder.factors[key] = Multiplier.made(
                asset=ladder.points_asset,
                factor_bp=level.factor_bp,
                rule=ladder.public_id,
                rule_name=level.name(facts.terms.language),
                reason="level_multiplier",
            )
        return [known]

    def price_offers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[PriceOffer]:
        if not [one for one in rules if one.lowers_prices]:
            return []
        held = _held(rules, facts)
        if held is None:
            return []
        ladder, level = held
        name = level.name(facts.terms.language)
        offers = []
        if level.discount_bp:
            offers.append(_offer(ladder, name, "level_price", level.discount_bp, None))
        shipping = activity.sale.shipping if activity.sale else frozenset()
        if shipping and level.free_delivery:
            offers.append(_offer(ladder, name, "level_delivery", 10_000, shipping, stacks=True))
        return offers

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        ladder = ladder_for(rules, facts)
        if ladder is None:
            return []
        counting = counting_effects(rules, activity, facts, family=ladder.family)
        measures = _measures(ladder, counting, facts)
        effects: list[Effect] = [*counting]
        if activity.type in _BY_HAND_OR_DUE or not _stays(ladder, activity, measures, facts):
            case = _Case.made(ladder=ladder, activity=activity, facts=facts)
            at, bases = activity.happened_at, ladder.bases
            ends = [(bases[one.asset], one.amount, one.terms.expires_at) for one in counting]
            effects += _move(case, [Credit(basis, n, at, end) for basis, n, end in ends], measures)
        if activity.type == _BIRTHDAY:
            effects += _gift(_Case.made(ladder=ladder, activity=activity, facts=facts), rules)
        return effects

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return sentences(rules, units=selectors.units_of)


@value
class _Case(Value):
    """One activity of a member on a ladder."""

    ladder: LadderTerms
    activity: ActivityData
    facts: Facts

    @property
    def status(self) -> Status | None:
        """The level as it is kept."""
        return self.facts.status(STATUS)

    def tally(self, since: datetime, fresh: Sequence[Credit]) -> Tally:
        """What counted, with what is about to."""
        facts = self.facts
        return tally_of(
            self.ladder,
            alive=facts.alive,
            since=since,
            member=facts.member,
            zone=facts.terms.timezone,
            fresh=fresh,
        )


def _held(rules: Sequence[LadderTerms], facts: Facts) -> tuple[LadderTerms, LevelTerms] | None:
    """The ladder and the level a member holds."""
    held = held_by(rules, facts)
    if held is None:
        return None
    ladder, rank = held
    level = ladder.level(rank)
    return None if level is None else (ladder, level)


def _measures(
    ladder: LadderTerms, counting: Sequence[CountForLevel], facts: Facts
) -> dict[str, int]:
    """What counts as of now, with what is about to."""
    measures = {basis: facts.balance(asset) for basis, asset in ladder.assets.items()}
    for one in counting:
        # An old receipt's may be dead already.
        until = one.terms.expires_at
        if until is None or until > facts.now:
            measures[ladder.bases[one.asset]] += one.amount
    return measures


def _stays(
    ladder: LadderTerms, activity: ActivityData, measures: dict[str, int], facts: Facts
) -> bool:
    """Does the member stay where they are, as after most sales: nothing due, nothing late, no more
    reached than is held?
    """
    standing = read_standing(facts.status(STATUS), ladder)
    due, secured_at = standing.due_at, standing.secured_at
    if (due is not None and due <= facts.now) or standing.grace_until or standing.look_at:
        return False
    if ladder.asks_months or (secured_at is not None and activity.happened_at < secured_at):
        return False
    return ladder.reached(measures) <= standing.earned(ladder)


def _move(case: _Case, fresh: Sequence[Credit], measures: dict[str, int]) -> list[Effect]:
    """Where the member stands after this activity, where that is elsewhere."""
    before = read_standing(case.status, case.ladder)
    standing = _due(case, before, fresh)
    if case.activity.type in _BY_HAND:
        standing = _given(case, standing)
    after = _counted(case, standing, measures)
    if (after is before or after == before) and case.activity.type != REVIEW:
        return []
    return [_effect(case, before, after)]


def _counted(case: _Case, standing: Standing, measures: dict[str, int]) -> Standing:
    ladder, facts = case.ladder, case.facts
    zone = facts.terms.timezone
    joined_on = local_day(facts.member.joined_at, zone)
    if ladder.asks_months:
        measures[MONTHS] = months_between(joined_on, local_day(facts.now, zone))
    calendar = Tally.made(credits=(), joined_on=joined_on, zone=zone)
    return counted(ladder, standing, measures, now=facts.now, tally=calendar)


def _due(case: _Case, standing: Standing, fresh: Sequence[Credit]) -> Standing:
    """What is due by now, and what an old receipt changes of a review that was."""
    ladder, facts, at = case.ladder, case.facts, case.activity.happened_at
    read = standing
    if fresh and standing.secured_at is not None and at < standing.secured_at:
        standing = late_receipt(ladder, standing, case.tally(standing.secured_at, fresh))
    due = standing.due_at
    if due is None or due > facts.now:
        return standing
    if standing is read and (not fresh or is_later(at, facts)):
        return standing_by(ladder, facts)
    tally = case.tally(due, fresh)
    return advanced(ladder, standing, tally, now=facts.now, shielded=shielded(facts))


def _given(case: _Case, standing: Standing) -> Standing:
    activity, data = case.activity, case.activity.data
    if activity.type == TAKEN:
        return changed(standing, gift=None)
    if activity.type == TOGETHER:
        return together(case.ladder, standing, data.get("standing") or {})
    if activity.type != GIVEN:
        return standing
    gift = Gift.made(
        level=data["level"],
        since=activity.happened_at,
        until=datetime.fromisoformat(data["until"]) if data.get("until") else None,
        reason=data["text"],
        by=data.get("by", ""),
    )
    return changed(standing, gift=gift)


def _effect(case: _Case, before: Standing, after: Standing) -> MoveLevel:
    ladder, facts = case.ladder, case.facts
    status = written(after, ladder, before=case.status, now=facts.now)
    level = ladder.level(after.rank(ladder, facts.now))
    reason, day = _reason(case, before, after)
    zone = facts.terms.timezone
    details = {
        "level": level.name(facts.terms.language) if level else "–",
        "code": status.value,
        **({"day": f"{local_day(day, zone):%d/%m/%Y}"} if day else {}),
        **({"text": case.activity.data.get("text", "")} if reason == "level_given" else {}),
    }
    return MoveLevel.made(
        mechanic=Levels.name,
        rule=ladder.public_id,
        rule_name=ladder.name,
        reason=reason,
        details=details,
        status=status,
    )


def _reason(case: _Case, before: Standing, after: Standing) -> tuple[str, datetime | None]:
    ladder, now = case.ladder, case.facts.now
    old = case.status.value if case.status else ladder.code(before.earned(ladder))
    was, rank = ladder.rank(old), after.rank(ladder, now)
    if case.activity.type == GIVEN:
        return "level_given", None
    if before.gift and not after.gift:
        return "level_given_over", None
    if rank != was:
        return ("level_reached" if rank > was else "level_fell"), None
    if after.grace_until and after.grace_until != before.grace_until:
        return "level_grace", after.grace_until - timedelta(microseconds=1)
    if after.rise_at and after.rise_at != before.rise_at:
        return "level_coming", after.rise_at
    if after.secured_at != before.secured_at:
        return "level_kept", None
    return "level_noted", None


def _gift(case: _Case, rules: Sequence[LadderTerms]) -> list[Effect]:
    held = _held(rules, case.facts)
    if held is None or not held[1].birthday_reward:
        return []
    ladder, level = held
    return [
        GrantReward(
            mechanic=Levels.name,
            rule=ladder.public_id,
            rule_name=level.name(case.facts.terms.language),
            reason="level_birthday",
            details={"rule": level.name(case.facts.terms.language)},
            reward=level.birthday_reward,
        )
    ]


def _offer(
    ladder: LadderTerms,
    name: str,
    reason: str,
    value_bp: int,
    lines: frozenset[int] | None,
    *,
    stacks: bool = False,
) -> PriceOffer:
    return PriceOffer.made(
        kind="percent",
        mechanic=Levels.name,
        rule=ladder.public_id,
        rule_name=name,
        reason=reason,
        value_bp=value_bp,
        lines=lines,
        stacks=stacks,
        order=ladder.priority,
    )


MECHANICS = (Levels(),)
