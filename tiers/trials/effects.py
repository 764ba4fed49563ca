"""What a trial does to a world: one of it is gone, and later, perhaps, it was bought."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from loyalty.common.values import value
from loyalty.engine.effects import Applied, Effect
from loyalty.engine.world import World
from tiers.trials.rules import STATUS, Open, with_bought, with_reopened


@value
class GiveTrial(Effect):
    """One of what there is is this member's. It moves no balance; the rule's budget goes down."""

    kind: ClassVar[str] = "give_trial"
    taking: str

    def apply(self, world: World) -> Applied:
        return self.record(amount=1, memo={"taking": self.taking})

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """It came back whole: there is one more again."""
        return 1 if share >= 1 and not applied.undone else 0


@value
class BuyAfterTrial(Effect):
    """What was tried is bought: counted once, for as long as the purchase stands."""

    kind: ClassVar[str] = "buy_after_trial"
    counts: ClassVar[bool] = False
    entry: Open

    def apply(self, world: World) -> Applied:
        status = with_bought(world.status(STATUS), self.entry, at=world.now)
        world.set_status(STATUS, status)
        world.tell("trial.bought", trial=self.entry.family, taking=self.entry.taking)
        return self.record(amount=1, memo={"entry": self.entry.plain()})

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        if share < 1 or applied.undone:
            return 0
        entry = Open.read(applied.memo["entry"])
        world.set_status(STATUS, with_reopened(world.status(STATUS), entry, at=world.now))
        return 1
