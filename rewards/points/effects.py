"""What points do to a world: earn with a floor to keep, spend at the till, slide, open a balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar

from loyalty.engine.effects import Accrue, Applied, Deduction, Effect
from loyalty.engine.world import World


@dataclass(frozen=True, kw_only=True)
class EarnPoints(Accrue):
    """Points for a sale; all of them fall when less than ``keep`` of the goods remains.

    Where the shop counts anew what stays of a sale, they fall by whole ``steps``: of 2.9 steps half
    leaves one, so one of the two falls.
    """

    kind: ClassVar[str] = "earn_points"
    keep: Fraction = Fraction(0)
    steps: Fraction = Fraction(0)

    def apply(self, world: World) -> Applied:
        applied = super().apply(world)
        for name, value in (("keep", self.keep), ("steps", self.steps)):
            if value:
                applied.memo[name] = [value.numerator, value.denominator]
        return applied

    @classmethod
    def lost(cls, world: World, memo: Mapping[str, Any], share: Fraction) -> Fraction:
        keep = Fraction(*memo["keep"]) if "keep" in memo else Fraction(0)
        if share and 1 - share < keep:
            return Fraction(1)
        if "steps" in memo and world.terms.partial_refund_policy == "recount":
            steps = Fraction(*memo["steps"])
            return 1 - Fraction(int(steps * (1 - share)), int(steps))
        return share


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class SpendPoints(Effect):
    """Points pay a part of the bill, spread over the goods."""

    kind: ClassVar[str] = "spend_points"
    asset: str
    points: int
    deductions: tuple[Deduction, ...]

    def apply(self, world: World) -> Applied:
        entry = world.book.debit(
            world.transaction("redemption"),
            self.asset,
            self.points,
            reason=self.reason,
            details=self.details,
        )
        return self.record(
            amount=self.points,
            asset=self.asset,
            entry=entry,
            memo={"claims": self.asset},
            deductions=self.deductions,
        )

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Gives ``floor(points x share) - already given`` back, unless the shop gives none."""
        due = int(applied.amount * share) - applied.undone
        if due <= 0 or world.terms.spent_points_policy == "none":
            return 0
        assert applied.entry is not None
        world.book.give_back(
            world.transaction("restore"),
            applied.entry,
            due,
            reason="restored",
            details={"points": due},
        )
        return due


@dataclass(frozen=True, kw_only=True)
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
