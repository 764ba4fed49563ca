"""Paying a part of a bill with what a member holds: one arithmetic for points and for store credit.

What must stay true: integers only; what is used is min(asked, balance, caps) in whole steps, nothing
below the minimum; it is worth exactly what it takes off the lines, split by largest remainder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, ClassVar, Literal

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid, Refused
from loyalty.common.money import MAX_MINOR, check_minor, split
from loyalty.common.values import value
from loyalty.engine.activity import PURCHASE, ActivityData, Sale, SaleLine
from loyalty.engine.effects import Applied, Deduction, Effect
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.world import World


@dataclass(frozen=True, kw_only=True)
class PayTerms:
    """How an asset pays: ``value_minor`` of money for ``value_units`` of it, from when, how much.

    Args:
        pay_step: only whole multiples of it. ``pay_cap_bp``: at most this share of what is left to
            pay. ``pay_cap_units``: at most so many of it on one bill.
    """

    asset: str = "points"
    value_minor: int = 0
    value_units: int = 1
    pay_enabled: bool = False
    pay_minimum: int = 1
    pay_step: int = 1
    pay_cap_bp: int = 10_000
    pay_cap_units: int | None = None


def payable(terms: PayTerms, *, asked: int | None, available: int, bill_minor: int) -> int:
    """How many units may pay: min(asked, balance, caps) in whole steps, 0 below the minimum.

    Args:
        asked: what the cashier chose; ``None`` for as many as possible.
        bill_minor: what is left to pay of the lines it may pay for.
    """
    if not terms.pay_enabled or terms.value_minor <= 0:
        return 0
    cap_minor = bill_minor * terms.pay_cap_bp // 10_000
    most = min(available, cap_minor * terms.value_units // terms.value_minor)
    if terms.pay_cap_units is not None:
        most = min(most, terms.pay_cap_units)
    if asked is not None:
        most = min(most, asked)
    step = pay_step(terms)
    units = max(most, 0) // step * step
    return units if units >= terms.pay_minimum else 0


def pay_step(terms: PayTerms) -> int:
    """The fewest units that can pay exactly: whole steps of the setting, whole units of money."""
    return lcm(terms.pay_step, terms.value_units // gcd(terms.value_minor, terms.value_units))


def worth_minor(units: int, *, value_minor: int, value_units: int) -> int:
    """What units are worth in money, rounded down."""
    return units * value_minor // value_units


@value
class Spend(Effect):
    """Units of an asset pay a part of the bill, spread over its lines.

    ``keeps_policy``: the shop may choose to give nothing back of what was spent; of money it may not.
    """

    kind: ClassVar[str] = "spend"
    keeps_policy: ClassVar[bool] = True
    asset: str
    units: int
    deductions: tuple[Deduction, ...]

    def apply(self, world: World) -> Applied:
        entry = world.book.debit(
            world.transaction("redemption"),
            self.asset,
            self.units,
            reason=self.reason,
            details=self.details,
        )
        return self.record(
            amount=self.units,
            asset=self.asset,
            entry=entry,
            memo={"claims": self.asset},
            deductions=self.deductions,
        )

    @classmethod
    def undo(cls, world: World, applied: Applied, share: Fraction) -> int:
        """Gives ``floor(units x share) - already given`` back, with their first dates."""
        due = int(applied.amount * share) - applied.undone
        if due <= 0 or (cls.keeps_policy and world.terms.spent_points_policy == "none"):
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


class Paying(Mechanic):
    """Takes up ``use={"<asset>": units}`` of a sale: the cashier chooses how many.

    Subclasses say which effect spends them, by which terms, off which lines, and why not.
    """

    phase: ClassVar[Phase] = Phase.PAY
    activity_types: ClassVar = frozenset({PURCHASE})
    means: ClassVar[Literal["points", "credit"]]
    spend: ClassVar[type[Spend]]
    # Codes of the reasons: all that was asked for, and the most that can pay here.
    paid: ClassVar[tuple[str, str]]
    most_units: ClassVar[int] = MAX_MINOR

    def terms(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> Sequence[PayTerms]:
        """How each asset pays at this moment."""
        return rules

    def lines(self, sale: Sale) -> Sequence[SaleLine]:
        """The lines it may pay for."""
        return sale.goods

    def ways_to_pay(self, rules: Sequence[Any]) -> Sequence[str]:
        return [one.asset for one in rules]

    def refusal(self, terms: PayTerms, *, most: int, available: int, currency: str) -> str:
        """Why what was asked for cannot pay, in the reader's language."""
        raise NotImplementedError

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        asked = dict(activity.data.get("use") or {})
        if not asked:
            return []
        return [
            self._payment(activity, terms, asked[terms.asset], facts)
            for terms in self.terms(activity, rules, facts)
            if asked.get(terms.asset)
        ]

    def _payment(self, activity: ActivityData, terms: PayTerms, asked: Any, facts: Facts) -> Effect:
        field = f"use.{terms.asset}"
        if isinstance(asked, bool) or not isinstance(asked, int):
            raise Invalid("not_an_integer", _("Give a whole number."), field=field)
        check_minor(asked, field=field, minimum=1, maximum=self.most_units)
        assert activity.sale is not None
        lines = self.lines(activity.sale)
        rooms = [line.left_minor for line in lines]
        available = max(facts.available(terms.asset), 0)
        units = payable(terms, asked=asked, available=available, bill_minor=sum(rooms))
        if units == 0:
            most = payable(terms, asked=None, available=available, bill_minor=sum(rooms))
            currency = facts.terms.currency
            raise Refused(
                f"too_few_{self.means}",
                self.refusal(terms, most=most, available=available, currency=currency),
                field=field,
                params={"maximum": most, "available": available, "minimum": terms.pay_minimum},
            )
        worth = worth_minor(units, value_minor=terms.value_minor, value_units=terms.value_units)
        deductions = tuple(
            Deduction(line=line.number, amount_minor=part, means=self.means)
            for line, part in zip(lines, split(worth, rooms), strict=True)
            if part
        )
        whole, in_part = self.paid
        return self.spend(
            mechanic=self.name,
            reason=whole if units == asked else in_part,
            details={"asked": asked, "points": units, "worth_minor": worth},
            basis=tuple((one.line, one.amount_minor) for one in deductions),
            asset=terms.asset,
            units=units,
            deductions=deductions,
        )
