"""What a sign-up bonus does to a world: spending is counted, the bonus given, and taken back."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import ClassVar

from campaigns.partners.rules.bonus import FALLS, spent, with_spent
from loyalty.common.clock import local_day
from loyalty.common.values import value
from loyalty.engine.effects import Applied, Effect
from loyalty.engine.status import Status
from loyalty.engine.world import World
from loyalty.ledger.book import NOW
from loyalty.ledger.states import LotTerms


@value
class CountSpending(Effect):
    """Money spent within the time of a sign-up bonus. ``amount`` in minor units."""

    kind: ClassVar[str] = "signup_spending"
    counts: ClassVar[bool] = False
    amount: int
    status: str
    family: str
    card: str
    until: date
    needed: int
    asset: str
    after: str

    def apply(self, world: World) -> Applied:
        before = world.status(self.status)
        data = with_spent(before, self.card, spent(before, self.card) + self.amount)
        world.set_status(self.status, Status(value="counting", since=world.now, data=data))
        memo = {
            "status": self.status,
            "family": self.family,
            "card": self.card,
            "until": self.until.isoformat(),
            "needed": self.needed,
            "asset": self.asset,
            "after": self.after,
        }
        return self.record(amount=self.amount, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Spending falls by ``floor(amount x share) - already fallen``; below what was needed the
        bonus goes with it. What comes back when the time is over changes nothing where the rule of
        that day keeps the bonus.
        """
        due = int(applied.amount * share) - applied.undone
        if due <= 0:
            return 0
        memo = applied.memo
        today = local_day(world.happened_at, world.terms.timezone)
        if memo["after"] != FALLS and today > date.fromisoformat(memo["until"]):
            return due
        before = world.status(memo["status"])
        left = max(spent(before, memo["card"]) - due, 0)
        data = with_spent(before, memo["card"], left)
        world.set_status(memo["status"], Status(value="counting", since=world.now, data=data))
        if left < memo["needed"]:
            _withdraw(world, applied)
        return due


@value
class GiveBonus(Effect):
    """The bonus itself. It falls only with the spending that earned it (:class:`CountSpending`)."""

    kind: ClassVar[str] = "signup_bonus"
    asset: str
    amount: int
    family: str
    card: str
    terms: LotTerms = NOW

    def apply(self, world: World) -> Applied:
        entry = world.book.credit(
            world.transaction("accrual"),
            self.asset,
            self.amount,
            reason=self.reason,
            details=self.details,
            terms=self.terms,
        )
        memo = {"family": self.family, "card": self.card}
        return self.record(amount=self.amount, asset=self.asset, entry=entry, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        return 0


def _withdraw(world: World, spending: Applied) -> None:
    for given in world.standing(kind=GiveBonus.kind, asset=spending.memo["asset"]):
        if any(given.memo[name] != spending.memo[name] for name in ("family", "card")):
            continue
        assert given.entry is not None
        amount = given.amount - given.undone
        world.book.take_back(
            world.transaction("refund"),
            given.entry,
            amount,
            reason="signup_bonus_withdrawn",
            details={"bonus": given.rule_name},
            write_off=world.terms.refund_policy == "write_off",
        )
        world.undo_besides(given, amount)
