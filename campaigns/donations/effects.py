"""What donations do to a world: a purse of a cause is credited, in the name of the member."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from campaigns.donations.rules import Gift, stays
from loyalty.common.values import value
from loyalty.engine.effects import Applied, Effect
from loyalty.engine.world import World

POT = "donated"


@value
class Donate(Effect):
    """Give to a cause for a sale."""

    kind: ClassVar[str] = "donate"
    asset: str
    gift: Gift

    def apply(self, world: World) -> Applied:
        entry = world.book.credit(
            world.transaction("accrual"),
            self.asset,
            self.gift.amount,
            pot=POT,
            reason=self.reason,
            details=self.details,
        )
        memo = {"units": self.gift.units, "each": self.gift.each, "per": self.gift.per}
        return self.record(amount=self.gift.amount, asset=self.asset, entry=entry, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Takes back what the part that is left would not have given, paid out or not.

        What was paid out already shows as a debt of the cause, to be set off against what it gets
        next.
        """
        stay = stays(applied.memo, applied.amount, share)
        due = applied.amount - stay - applied.undone
        if due <= 0:
            return 0
        assert applied.entry is not None
        world.book.take_back(
            world.transaction("refund"),
            applied.entry,
            due,
            reason="donation_fell",
            details={"cause": applied.details["cause"]},
        )
        return due


@value
class GivePoints(Effect):
    """A member gives points: they leave the card, and the cause gets what they are worth."""

    kind: ClassVar[str] = "give_points"
    points_asset: str
    points: int
    asset: str
    worth_minor: int

    def apply(self, world: World) -> Applied:
        moved = world.transaction("redemption")
        world.book.debit(
            moved, self.points_asset, self.points, pot=POT, reason=self.reason, details=self.details
        )
        entry = world.book.credit(
            moved, self.asset, self.worth_minor, pot=POT, reason=self.reason, details=self.details
        )
        return self.record(amount=self.worth_minor, asset=self.asset, entry=entry)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """A gift of one's own is undone by nobody."""
        return 0
