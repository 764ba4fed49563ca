"""What a subscription leaves on a sale at the till: the record that a subscriber's perk was used."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from loyalty.common.values import value
from loyalty.engine.effects import Applied, Effect
from loyalty.engine.world import World


@value
class UseSubscription(Effect):
    """A subscriber's perk counted on this sale. It moves no balance."""

    kind: ClassVar[str] = "use_subscription"

    def apply(self, world: World) -> Applied:
        return self.record(amount=1)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """A sale that came back whole used nothing."""
        return 1 if share >= 1 and not applied.undone else 0
