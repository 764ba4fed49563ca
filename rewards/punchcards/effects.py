"""What cards do to a world: stamps are put on, full cards and places on the way give rewards.

The refund law is lazy, so that any order of refunds ends alike: taking a stamp back may leave a card
short of stamps it was already exchanged for. Then the newest unused reward of the card is void again
and its stamps return to their lots. Where all rewards are used, the missing stamps stay as a debt
that the next stamps fill.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from loyalty.common.values import value
from loyalty.engine.effects import Applied, Effect
from loyalty.engine.world import World
from loyalty.ledger.book import NOW
from loyalty.ledger.states import LotTerms
from rewards.punchcards.rules import Counted, stamps_left


@value
class StampCard(Effect):
    """Put stamps on a card.

    Args:
        counted: what the sale had; ``per`` and ``each`` how it was counted; ``offset`` how many of
            its stamps went on earlier cards.
        watched: the card has rewards on the way.
    """

    kind: ClassVar[str] = "stamp_card"
    family: str
    asset: str
    amount: int
    counted: Counted
    per: int = 0
    each: int = 1
    offset: int = 0
    watched: bool = False
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
        memo = {
            "family": self.family,
            "measure": self.counted.measure,
            "units": self.counted.units,
            "counted": self.counted.stamps,
            "per": self.per,
            "each": self.each,
            "offset": self.offset,
            "watched": self.watched,
        }
        return self.record(amount=self.amount, asset=self.asset, entry=entry, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Takes back what the part that is left would not have brought."""
        memo, asset = applied.memo, applied.asset
        stay = min(max(stamps_left(memo, share) - memo["offset"], 0), applied.amount)
        due = applied.amount - stay - applied.undone
        if due <= 0:
            return 0
        assert applied.entry is not None
        _reopen_cards(world, applied, due)
        before = world.book.account(asset).earned
        world.book.take_back(
            world.transaction("refund"),
            applied.entry,
            due,
            reason="stamps_fell",
            details={"card": applied.rule_name},
            write_off=world.terms.refund_policy == "write_off",
        )
        if memo["watched"]:
            _drop_interims(world, asset, before, world.book.account(asset).earned)
        return due


@value
class CompleteCard(Effect):
    """A card is full: its stamps are exchanged for the reward."""

    kind: ClassVar[str] = "complete_card"
    counts: ClassVar[bool] = False
    family: str
    asset: str
    amount: int
    reward: str

    def apply(self, world: World) -> Applied:
        entry = world.book.debit(
            world.transaction("redemption"),
            self.asset,
            self.amount,
            reason=self.reason,
            details=self.details,
        )
        voucher = world.grants.issue(
            reward=self.reward, rule=self.family, reason=self.reason, details=self.details
        )
        return self.record(
            amount=self.amount, asset=self.asset, entry=entry, memo={"voucher": voucher}
        )

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Falls only when its stamps do: see :class:`StampCard`."""
        return 0

    @classmethod
    def returned(cls, world: World, applied: Applied) -> None:
        if not applied.undone and world.book.available(applied.asset) < 0:
            _reopen(world, applied)


@value
class StampReward(Effect):
    """A reward on the way; ``at`` tells this card's place apart from those of other cards."""

    kind: ClassVar[str] = "stamp_reward"
    counts: ClassVar[bool] = False
    family: str
    asset: str
    at: int
    reward: str

    def apply(self, world: World) -> Applied:
        voucher = world.grants.issue(
            reward=self.reward, rule=self.family, reason=self.reason, details=self.details
        )
        memo = {"voucher": voucher, "at": self.at}
        return self.record(amount=1, asset=self.asset, memo=memo)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Falls only when its stamp does: see :class:`StampCard`."""
        return 0

    @classmethod
    def returned(cls, world: World, applied: Applied) -> None:
        world.book.settle(applied.asset)
        if applied.undone or world.book.account(applied.asset).earned >= applied.memo["at"]:
            return
        if world.grants.revoke(applied.memo["voucher"]):
            world.undo_besides(applied, 1)


def _reopen_cards(world: World, stamps: Applied, due: int) -> None:
    """Void unused rewards, newest first, until the stamps that fall are there again."""
    assert stamps.entry is not None and stamps.entry.lot is not None
    asset, lot = stamps.asset, stamps.entry.lot
    unused: set[str] | None = None
    for completion in _completions(world, asset, due):
        own = min(lot.remaining, due)
        expired = min(due - own, lot.expired - lot.expired_offset)
        if world.book.available(asset) >= due - expired:
            return
        if unused is None:
            unused = set(world.grants.unused(rule=stamps.memo["family"]))
        if completion.memo["voucher"] in unused:
            _reopen(world, completion)


def _completions(world: World, asset: str, due: int) -> list[Applied]:
    if world.book.available(asset) >= due:
        return []
    return world.standing(kind=CompleteCard.kind, asset=asset)


def _reopen(world: World, completion: Applied) -> None:
    if not world.grants.revoke(completion.memo["voucher"]):
        return
    assert completion.entry is not None
    world.book.give_back(
        world.transaction("restore"),
        completion.entry,
        completion.amount,
        reason="card_reopened",
        details={"card": completion.rule_name},
    )
    world.undo_besides(completion, completion.amount)


def _drop_interims(world: World, asset: str, before: int, after: int) -> None:
    for one in world.standing(kind=StampReward.kind, asset=asset):
        if after < one.memo["at"] <= before and world.grants.revoke(one.memo["voucher"]):
            world.undo_besides(one, 1)
