"""What points do to a world: earn with a floor to keep, spend at the till, slide, open a balance."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import ClassVar

from loyalty.common.values import value
from loyalty.engine.effects import Accrue, Applied, Effect
from loyalty.engine.paying import Spend
from loyalty.engine.world import World


@value
class EarnPoints(Accrue):
    """Points for a sale or another activity."""

    kind: ClassVar[str] = "earn_points"


@value
class OpenBalance(Accrue):
    """Points a member brings from an older scheme."""

    kind: ClassVar[str] = "open_points"

    def apply(self, world: World) -> Applied:
        entry = world.book.credit(
            world.transaction("opening"),
            self.asset,
            self.amount,
            pot="adjusted",
            reason=self.reason,
            details=self.details,
            terms=self.terms,
        )
        return self.record(amount=self.amount, asset=self.asset, entry=entry)


@value
class SpendPoints(Spend):
    """Points pay a part of the bill."""

    kind: ClassVar[str] = "spend_points"


@value
class SlideExpiry(Effect):
    """The member was active: points that live from activity to activity live on."""

    kind: ClassVar[str] = "slide_points"
    counts: ClassVar[bool] = False
    asset: str
    expires_at: datetime

    def apply(self, world: World) -> Applied:
        world.book.slide(self.asset, self.expires_at)
        return self.record(amount=0, asset=self.asset)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """A visit took place even when the goods came back: dates never move back."""
        return 0
