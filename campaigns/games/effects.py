"""What games do to a world: plays are earned and paid for, prizes are given."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from loyalty.common.values import value
from loyalty.engine.effects import Accrue, Applied, Effect, GrantReward
from loyalty.engine.world import World


@value
class GivePlay(Accrue):
    """Plays for a purchase. ``used``: what becomes of those played when the purchase comes back."""

    kind: ClassVar[str] = "game_ticket"
    counts: ClassVar[bool] = False
    used: str = "keep"

    def apply(self, world: World) -> Applied:
        applied = super().apply(world)
        applied.memo["used"] = self.used
        return applied

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Unused plays go; used ones stay played, or are owed, by the rule of that day."""
        due = int(applied.amount * cls.lost(world, applied.memo, share)) - applied.undone
        if due <= 0:
            return 0
        assert applied.entry is not None
        world.book.take_back(
            world.transaction("refund"),
            applied.entry,
            due,
            reason="play_taken_back",
            details=dict(applied.details),
            write_off=applied.memo["used"] == "keep",
        )
        return due


@value
class PayPlay(Effect):
    """A play is paid for, with one earned before or with points."""

    kind: ClassVar[str] = "game_paid"
    counts: ClassVar[bool] = False
    asset: str
    amount: int

    def apply(self, world: World) -> Applied:
        entry = world.book.debit(
            world.transaction("redemption"),
            self.asset,
            self.amount,
            reason=self.reason,
            details=self.details,
        )
        return self.record(amount=self.amount, asset=self.asset, entry=entry)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """What was played was played."""
        return 0


@value
class CountPlay(Effect):
    """One play: it uses up the game's limits and budget."""

    kind: ClassVar[str] = "game_play"

    def apply(self, world: World) -> Applied:
        return self.record(amount=1)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """What was played was played."""
        return 0


@value
class WinAmount(Accrue):
    """Points or store credit won."""

    kind: ClassVar[str] = "game_amount"
    counts: ClassVar[bool] = False


@value
class WinReward(GrantReward):
    """A reward of the catalogue won."""

    kind: ClassVar[str] = "game_reward"
    counts: ClassVar[bool] = False
