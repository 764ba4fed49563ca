"""What levels do to a world: something counts, a member moves.

The refund law: a level follows what counted. Taking a credit back decides again what was decided by
it (see :func:`~tiers.levels.rules.standing.decided_again`), so a level owed to a refunded sale falls
however many other sales stand between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar

from loyalty.common.clock import local_day
from loyalty.common.values import value
from loyalty.engine.activity import ActivityData
from loyalty.engine.effects import EFFECTS, Accrue, Applied, Effect
from loyalty.engine.facts import Facts
from loyalty.engine.rules import applies, period_start
from loyalty.engine.status import Status
from loyalty.engine.world import World
from loyalty.ledger.holding import alive
from loyalty.ledger.states import LotTerms
from tiers.levels.rules.counting import Count, counts
from tiers.levels.rules.keeping import STATUS, read_standing, written
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.level import VISITS
from tiers.levels.rules.presence import in_force, rules_of, tally_of
from tiers.levels.rules.standing import decided_again

MECHANIC = "levels"
_EVER = datetime(1900, 1, 1, tzinfo=UTC)


@value
class CountForLevel(Accrue):
    """Something counts for the level until its stretch is over.

    Args:
        family: of the ladder; ``decides``: the last of a sale to be undone, which decides anew.
        like: (kind, memo) of the award it counts, with which it falls.
    """

    kind: ClassVar[str] = "count_for_level"
    family: str
    decides: bool = False
    like: tuple[str, Mapping[str, Any]] | None = None

    def apply(self, world: World) -> Applied:
        applied = super().apply(world)
        if self.like is not None:
            kind, memo = self.like
            applied.memo.update(memo, like=kind)
        applied.memo["family"] = self.family
        if self.decides:
            applied.memo["decides"] = True
        return applied

    @classmethod
    def lost(cls, world: World, memo: Mapping[str, Any], share: Fraction) -> Fraction:
        award = EFFECTS.get(memo.get("like", ""), Accrue)
        return award.lost(world, memo, share) if issubclass(award, Accrue) else share

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        undone = super().undo(world, applied, share)
        if applied.memo.get("decides"):
            _decide_again(world, applied.memo["family"])
        return undone


@value
class MoveLevel(Effect):
    """The member stands elsewhere on the ladder: higher, lower, or with another day of review."""

    kind: ClassVar[str] = "move_level"
    counts: ClassVar[bool] = False
    status: Status

    def apply(self, world: World) -> Applied:
        before = world.status(STATUS)
        world.set_status(STATUS, self.status)
        was = before.value if before else ""
        if was != self.status.value:
            world.tell("level.changed", level=self.status.value, before=was, reason=self.reason)
        memo = {"member": world.member.public_id, "level": self.status.value, "before": was}
        return self.record(amount=1, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """The level itself follows what counts: see :class:`CountForLevel`."""
        return 1 if share >= 1 and not applied.undone else 0


def counting_effects(
    rules: Sequence[LadderTerms], activity: ActivityData, facts: Facts, *, family: str
) -> list[CountForLevel]:
    """What an activity counts for on a ladder, by the version of its day."""
    for ladder in rules:
        if ladder.family == family and applies(ladder, activity, facts):
            break
    else:
        return []
    found = counts(ladder, activity, done=facts.done)
    if not found:
        return []
    zone, at = facts.terms.timezone, activity.happened_at
    joined_on = local_day(facts.member.joined_at, zone)
    expires_at = ladder.window.ends_at(at, joined_on=joined_on, zone=zone)
    effects: list[CountForLevel] = []
    for count in found:
        if count.basis != VISITS or _visit_counts(ladder, activity, facts):
            effects.append(_credit(ladder, activity, count, expires_at, decides=not effects))
    return effects


def _credit(
    ladder: LadderTerms,
    activity: ActivityData,
    count: Count,
    expires_at: datetime | None,
    *,
    decides: bool,
) -> CountForLevel:
    return CountForLevel.made(
        mechanic=MECHANIC,
        rule=ladder.visits_rule if count.basis == VISITS else ladder.public_id,
        rule_name=ladder.name,
        reason="counts_for_level",
        basis=count.lines,
        asset=ladder.assets[count.basis],
        amount=count.amount,
        terms=LotTerms.made(expires_at=expires_at, opened_at=activity.happened_at),
        family=ladder.family,
        like=count.like,
        decides=decides,
    )


def _visit_counts(ladder: LadderTerms, activity: ActivityData, facts: Facts) -> bool:
    zone, at = facts.terms.timezone, activity.happened_at
    day = local_day(at, zone)
    if day == local_day(facts.now, zone):
        since = period_start("day", at, zone)
        return facts.used(ladder.visits_rule, since=since).count < ladder.visits_a_day
    # An old receipt: what counted on its own day.
    lots = facts.alive(ladder.asset(VISITS), since=at)
    same = [one for one in lots if local_day(one.opened_at, zone) == day and one.remaining]
    return len(same) < ladder.visits_a_day


def _decide_again(world: World, family: str) -> None:
    status = world.status(STATUS)
    ladder = next(
        (one for one in rules_of(world) if one.family == family and in_force(one, world.now)), None
    )
    if status is None or ladder is None or status.data.get("ladder") != family:
        return
    standing = read_standing(status, ladder)
    if not standing.reached and standing.secured_at is None:
        return
    since = standing.secured_at or (_EVER if ladder.window.is_rolling else world.now)
    tally = tally_of(
        ladder,
        alive=partial(alive, world.book),
        since=since,
        member=world.member,
        zone=world.terms.timezone,
    )
    again = decided_again(ladder, standing, tally, now=world.now)
    if again == standing:
        return
    after = written(again, ladder, before=status, now=world.now)
    world.set_status(STATUS, after)
    if after.value == status.value:
        return
    world.tell("level.changed", level=after.value, before=status.value, reason="level_refunded")
    rank = ladder.rank(after.value)
    for one in world.standing(kind=MoveLevel.kind, asset=""):
        mine = one.memo["member"] in world.cards
        if mine and one.reason == "level_reached" and ladder.rank(one.memo["level"]) > rank:
            world.undo_besides(one, 1)
