"""What a mechanic answers: effects. Each can be applied to a world, and undone by a share.

The engine's own effects are those every mechanic needs: crediting an asset and granting a reward.
An app adds its own in its ``effects.py``. ``undo`` always works on the record of what was applied,
by the rule of that day, never by today's configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from loyalty.common.values import Value, value
from loyalty.engine.status import Status
from loyalty.ledger.book import NOW
from loyalty.ledger.states import EntryState, LotTerms

if TYPE_CHECKING:
    from loyalty.engine.world import World

EFFECTS: dict[str, type[Effect]] = {}

Basis = tuple[tuple[int, int], ...]
# A fraction as numerator and denominator, never shortened; nothing of anything.
Share = tuple[int, int]
NONE: Share = (0, 1)


class Deduction(NamedTuple):
    """What an effect takes off a line: a discount lowers its price; points, vouchers and store
    credit pay it.

    ``free_milli``: how many units (in thousandths) it makes free altogether.
    """

    line: int
    amount_minor: int
    means: Literal["discount", "points", "voucher", "credit"]
    free_milli: int = 0


@dataclass(slots=True, eq=False)
class Applied:
    """The record of one applied effect: what was done, on what grounds, how much was undone."""

    kind: str
    mechanic: str
    rule: str
    rule_name: str
    amount: int
    asset: str
    reason: str
    details: Mapping[str, Any]
    basis: Basis
    memo: dict[str, Any]
    entry: EntryState | None = None
    undone: int = 0
    id: int | None = None
    deductions: tuple[Deduction, ...] = ()


class Undone(NamedTuple):
    """How much more of one applied effect was undone."""

    applied: Applied
    amount: int


@value
class Effect(Value):
    """Base of all effects. ``counts`` says whether it uses up its rule's limits and budget.

    Args:
        mechanic: name of the mechanic that answers, for the record.
        rule: public id of the rule row that fired; ``rule_name`` as it was named that day.
        reason: stable code of the reason; ``details`` its plain values, for "why?".
        basis: (line number, weight) pairs the effect came from; empty means the whole sale.
    """

    kind: ClassVar[str] = ""
    counts: ClassVar[bool] = True
    mechanic: str
    rule: str = ""
    rule_name: str = ""
    reason: str
    details: Mapping[str, Any] = field(default_factory=dict)
    basis: Basis = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        assert cls.kind and EFFECTS.get(cls.kind, cls).__name__ == cls.__name__, cls
        EFFECTS[cls.kind] = cls

    def apply(self, world: World) -> Applied:
        """Do it, and answer with the record that ``undo`` will need."""
        raise NotImplementedError

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Undo up to the cumulative ``share`` of it; answer how much is undone now."""
        raise NotImplementedError

    @classmethod
    def returned(cls, world: World, applied: Applied) -> None:
        """The voucher it once granted is unused again: take it back if its cause is gone."""

    def record(
        self,
        *,
        amount: int,
        asset: str = "",
        entry: EntryState | None = None,
        memo: dict[str, Any] | None = None,
        deductions: tuple[Deduction, ...] = (),
    ) -> Applied:
        """The record of this effect, for subclasses' ``apply``."""
        return Applied(
            self.kind,
            self.mechanic,
            self.rule,
            self.rule_name,
            amount,
            asset,
            self.reason,
            self.details,
            self.basis,
            memo or {},
            entry,
            deductions=deductions,
        )


@value
class Accrue(Effect):
    """Credit an asset as a new lot: points, stamps, store credit.

    All of it falls when less than ``keep`` of the goods it came from remains (a minimum spend). Where
    the shop counts anew what stays of a sale, it falls by whole ``steps``: of 2.9 steps half leaves
    one, so one of the two falls.
    """

    kind: ClassVar[str] = "accrue"
    asset: str
    amount: int
    terms: LotTerms = NOW
    keep: Share = NONE
    steps: Share = NONE

    def apply(self, world: World) -> Applied:
        entry = world.book.credit(
            world.transaction("accrual"),
            self.asset,
            self.amount,
            reason=self.reason,
            details={"rule": self.rule_name, **self.details},
            terms=self.terms,
        )
        memo: dict[str, Any] = {}
        keep, steps = self.keep, self.steps
        if keep[0]:
            memo["keep"] = [*keep]
        if steps[0]:
            memo["steps"] = [*steps]
        return Applied(
            self.kind,
            self.mechanic,
            self.rule,
            self.rule_name,
            self.amount,
            self.asset,
            self.reason,
            self.details,
            self.basis,
            memo,
            entry,
        )

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Takes back ``floor(amount x share) - already taken`` (DESIGN §7), of the share it loses."""
        due = int(applied.amount * cls.lost(world, applied.memo, share)) - applied.undone
        if due <= 0:
            return 0
        assert applied.entry is not None
        world.book.take_back(
            world.transaction("refund"),
            applied.entry,
            due,
            reason=world.undo_reason,
            details={"rule": applied.rule_name},
            write_off=world.terms.refund_policy == "write_off",
        )
        return due

    @classmethod
    def lost(cls, world: World, memo: Mapping[str, Any], share: Fraction) -> Fraction:
        """The share of it that falls when a share of its cause is gone, by what its memo says."""
        keep = Fraction(*memo["keep"]) if "keep" in memo else Fraction(0)
        if share and 1 - share < keep:
            return Fraction(1)
        if "steps" in memo and world.terms.partial_refund_policy == "recount":
            steps = Fraction(*memo["steps"])
            return 1 - Fraction(int(steps * (1 - share)), int(steps))
        return share


@value
class LowerPrice(Effect):
    """A better price: so much off some lines, before anything is paid. ``amount`` is in minor units."""

    kind: ClassVar[str] = "lower_price"
    deductions: tuple[Deduction, ...]

    def apply(self, world: World) -> Applied:
        off = sum([one.amount_minor for one in self.deductions])
        return self.record(amount=off, deductions=self.deductions)

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Moves no money, since a refund gives back what was paid; limits and budgets are freed."""
        return max(int(applied.amount * share) - applied.undone, 0)


@value
class ChangeStatus(Effect):
    """The member stands elsewhere with a mechanic from now on: a level, a plan, a streak.

    ``undo`` restores what was before, where a whole refund takes the cause away and nothing has
    changed since. A mechanic whose status follows a balance decides that in its own effects.

    Args:
        name: of the status; ``status`` what it becomes.
        event: told to the outside after commit; empty tells nobody.
    """

    kind: ClassVar[str] = "change_status"
    counts: ClassVar[bool] = False
    name: str
    status: Status
    event: str = ""

    def apply(self, world: World) -> Applied:
        before = world.status(self.name)
        world.set_status(self.name, self.status)
        if self.event:
            world.tell(self.event, status=self.name, value=self.status.value, **self.details)
        return self.record(
            amount=1,
            memo={
                "status": self.name,
                "value": self.status.value,
                "before": before.plain() if before else None,
            },
        )

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        if share < 1 or applied.undone:
            return 0
        present, before = world.status(applied.memo["status"]), applied.memo["before"]
        if present is not None and present.value == applied.memo["value"]:
            gone = Status(value="", since=world.now)
            world.set_status(applied.memo["status"], Status.read(before) if before else gone)
        return 1


@value
class GrantReward(Effect):
    """Give a reward from the catalogue as a voucher. The catalogue issues it."""

    kind: ClassVar[str] = "grant_reward"
    reward: str

    def apply(self, world: World) -> Applied:
        voucher = world.grants.issue(
            reward=self.reward, rule=self.rule, reason=self.reason, details=self.details
        )
        return self.record(amount=1, memo={"voucher": voucher})

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Only a whole refund voids the voucher, and only while it is not used."""
        if share < 1 or applied.undone:
            return 0
        world.grants.revoke(applied.memo["voucher"])
        return 1

    @classmethod
    def returned(cls, world: World, applied: Applied) -> None:
        """The purchase it was granted for came back while the voucher was used."""
        if applied.undone:
            world.grants.revoke(applied.memo["voucher"])
