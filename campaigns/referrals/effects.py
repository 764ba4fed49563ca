"""What a referral does to a world: a friend's purchase counts, and later both sides are given theirs.

``Qualify`` moves no balance. It stands for as long as enough of the purchase does; where it falls
after both were paid, ``referral.withdrawn`` tells the commands that take both gifts back.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar

from campaigns.referrals.rules.terms import (
    BOUGHT,
    GIVEN_REWARD,
    GIVEN_UNITS,
    HELD,
    PAID,
    STATUS,
    WITHDRAWN,
    falls,
)
from loyalty.common.values import value
from loyalty.engine.effects import Accrue, Applied, Effect, GrantReward
from loyalty.engine.status import Status
from loyalty.engine.world import World


@value
class Qualify(Effect):
    """The friend's first qualifying purchase; both are paid at ``due_at`` if it stands till then."""

    kind: ClassVar[str] = "qualify_referral"
    counts: ClassVar[bool] = False
    referral: str
    due_at: datetime
    keep: Fraction

    def apply(self, world: World) -> Applied:
        before = world.status(STATUS)
        assert before is not None and world.activity is not None
        purchase = world.activity.key
        data = {
            **before.data,
            "purchase": purchase,
            "bought_at": world.activity.happened_at.isoformat(),
            "due_at": self.due_at.isoformat(),
        }
        world.set_status(STATUS, Status(value=BOUGHT, since=world.now, data=data))
        world.tell("referral.bought", referral=self.referral, purchase=purchase)
        memo = {
            "referral": self.referral,
            "purchase": purchase,
            "keep": [self.keep.numerator, self.keep.denominator],
        }
        return self.record(amount=1, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        if applied.undone or not falls(applied.memo, share):
            return 0
        memo = applied.memo
        told = {"referral": memo["referral"], "purchase": memo["purchase"]}
        present = world.status(STATUS)
        if present is not None and present.data.get("purchase") == memo["purchase"]:
            world.set_status(STATUS, fallen(present, at=world.now))
        world.tell("referral.withdrawn", **told)
        return 1


def fallen(present: Status, *, at: datetime) -> Status:
    """Where a friend stands after what they bought came back; unchanged where all is over.

    Who was paid once is not paid again: after that, no other purchase counts.
    """
    if present.value not in (BOUGHT, HELD, PAID):
        return present
    gone = ("purchase", "bought_at", "due_at")
    data: dict[str, Any] = {k: v for k, v in present.data.items() if k not in gone}
    if present.value == PAID:
        data["closed"] = True
    return Status(value=WITHDRAWN, since=at, data=data)


@value
class Pay(Effect):
    """One side of a referral is paid. On the referrer's side it uses up limits; on the friend's, which
    comes first, the budget.
    """

    kind: ClassVar[str] = "pay_referral"
    referral: str

    def apply(self, world: World) -> Applied:
        return self.record(amount=1, memo={"referral": self.referral})

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        return 1 if share >= 1 and not applied.undone else 0


@value
class Welcome(Pay):
    """The friend's side."""

    kind: ClassVar[str] = "welcome_friend"
    counts: ClassVar[bool] = False


@value
class GiveUnits(Accrue):
    """Points or store credit of a referral. Limits count referrals, not what is given for them."""

    kind: ClassVar[str] = GIVEN_UNITS
    counts: ClassVar[bool] = False


@value
class GiveReward(GrantReward):
    """A reward of the catalogue for a referral."""

    kind: ClassVar[str] = GIVEN_REWARD
    counts: ClassVar[bool] = False
