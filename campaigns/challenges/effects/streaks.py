"""What streaks do to a world: a day or week counts, a length is reached, a refund takes a day away."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import ClassVar

from campaigns.challenges.effects.prizes import fall, promised
from campaigns.challenges.rules.prizes import Prize
from campaigns.challenges.rules.streaks import (
    Counted,
    StreakState,
    StreakTerms,
    as_status,
    count,
    streak_state,
    take_off,
)
from loyalty.common.values import value
from loyalty.engine.effects import Applied, Effect
from loyalty.engine.world import World


@value
class CountUnit(Effect):
    """An activity stands for a day or week of the streak.

    Args:
        at: the instant of the activity, ``zone`` where the member lives by now.
        unit: of a repair by staff; else the instant's own.
        state: where the member stood when this was worked out, and ``counted`` what it comes to.
    """

    kind: ClassVar[str] = "streak_unit"
    asset: str
    streak: StreakTerms
    at: datetime
    zone: str
    unit: int | None = None
    state: StreakState | None = None
    counted: Counted | None = None

    def apply(self, world: World) -> Applied:
        name = self.streak.status
        state = streak_state(world.status(name), self.streak)
        counted = self.counted
        if state is not self.state or counted is None:
            counted = count(self.streak, state, at=self.at, zone=self.zone, unit=self.unit)
        world.set_status(name, as_status(counted.state, now=world.now))
        memo = {"status": name, "unit": counted.unit, "new": counted.is_new}
        return self.record(amount=1, asset=self.asset, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """The day falls when nothing stands for it any more, and the steps only it had reached."""
        if share < 1 or applied.undone:
            return 0
        name, unit = applied.memo["status"], applied.memo["unit"]
        before = streak_state(world.status(name), StreakTerms(public_id="", name=""))
        state = take_off(before, unit)
        world.set_status(name, as_status(state, now=world.now))
        if unit not in before.units or unit in state.units:
            return 1
        for step in world.standing(kind=ReachStep.kind, asset=applied.asset):
            reached = step.memo["unit"]
            is_short = reached >= unit and state.length_to(reached) < step.memo["length"]
            if is_short and fall(world, step):
                world.undo_besides(step, 1)
        return 1


@value
class ReachStep(Effect):
    """So many in a row. The prizes follow as effects of their own, under the key ``of``."""

    kind: ClassVar[str] = "streak_step"
    counts: ClassVar[bool] = False
    asset: str
    family: str
    length: int
    unit: int
    of: str
    prize: Prize = Prize()

    def apply(self, world: World) -> Applied:
        world.tell("streak.reached", streak=self.family, name=self.rule_name, length=self.length)
        memo = {
            "family": self.family,
            "length": self.length,
            "unit": self.unit,
            **promised(world, self.of, self.prize),
        }
        return self.record(amount=1, asset=self.asset, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Falls only when its day does: see :class:`CountUnit`."""
        return 0

    @classmethod
    def returned(cls, world: World, applied: Applied) -> None:
        """Its used reward is unused again: it falls where its row is shorter by now."""
        state = streak_state(
            world.status(f"streak:{applied.memo['family']}"), StreakTerms(public_id="", name="")
        )
        is_short = state.length_to(applied.memo["unit"]) < applied.memo["length"]
        if is_short and not applied.undone and fall(world, applied):
            world.undo_besides(applied, 1)
