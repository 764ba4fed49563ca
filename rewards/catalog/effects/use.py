"""A voucher pays a part of a bill."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from loyalty.common.values import value
from loyalty.engine.effects import EFFECTS, Applied, Deduction, Effect
from loyalty.engine.world import World


@value
class UseVoucher(Effect):
    """Use a voucher on a bill; ``deductions`` is what it takes off, nothing for a gift."""

    kind: ClassVar[str] = "use_voucher"
    voucher: str
    deductions: tuple[Deduction, ...] = ()

    def apply(self, world: World) -> Applied:
        world.grants.use(self.voucher, cause=world.cause)
        return self.record(
            amount=1,
            memo={"claims": "vouchers", "voucher": self.voucher},
            deductions=self.deductions,
        )

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """The voucher comes back when all it was used on came back; its last day stays the same.

        A voucher whose own cause was refunded meanwhile does not stay: it is void.
        """
        if share < 1 or applied.undone:
            return 0
        voucher = applied.memo["voucher"]
        world.grants.restore(voucher)
        granted = world.granted(voucher)
        if granted is not None and granted is not applied:
            EFFECTS[granted.kind].returned(world, granted)
        return 1
