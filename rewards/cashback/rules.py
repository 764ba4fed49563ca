"""The arithmetic of cashback: what a sale gives back, rule by rule, and what a cap leaves over.

Pure functions on plain values. What must stay true: integers only; no part of a line earns by two
rules unless one says that it adds; what a cap cuts off a rule is spend the next rule may count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR, rounded_ratio, split
from loyalty.common.values import Value, value
from loyalty.engine.activity import Worth
from loyalty.engine.effects import NONE, Basis, Share
from loyalty.engine.paying import PayTerms
from loyalty.engine.restrictions import EVERYTHING, Restriction
from loyalty.engine.rules import RuleTerms
from loyalty.engine.validity import NEVER, NO_WAIT, Expiry, Wait, problems
from loyalty.ledger.assets import AssetView

CREDIT = "store_credit"
# Money of the programme's currency, in its smallest unit.
ASSET = AssetView(
    code=CREDIT,
    kind="money",
    name_vi="tiền hoàn",
    name_en="store credit",
    value_minor=1,
    value_units=1,
)
# What store credit may pay for: never what turns it back into money, never a tip.
PAYABLE = frozenset({"goods", "shipping", "fee"})


@dataclass(frozen=True, kw_only=True)
class CashbackTerms(RuleTerms):
    """``rate_bp`` of what is spent comes back, at most ``cap_minor`` of one sale."""

    restriction: Restriction = EVERYTHING
    rate_bp: int = 0
    rounding: str = "floor"
    cap_minor: int | None = None
    stacks: bool = False
    wait: Wait = NO_WAIT
    expiry: Expiry = NEVER

    def counted_in(self) -> tuple[AssetView, ...]:
        return (ASSET,)

    def problems(self) -> list[DomainError]:
        found = [*self.restriction.problems(), *problems(self.expiry, self.wait)]
        found += _outside("rate_bp", self.rate_bp, 10_000)
        if self.cap_minor is not None:
            found += _outside("cap_minor", self.cap_minor, MAX_MINOR)
        return found


@dataclass(frozen=True, kw_only=True)
class SpendingTerms(RuleTerms):
    """How store credit pays: from when, in which steps, at most which share of a bill."""

    pay_minimum_minor: int = 1
    pay_step_minor: int = 1
    cap_bp: int = 10_000

    def counted_in(self) -> tuple[AssetView, ...]:
        return (ASSET,)

    def problems(self) -> list[DomainError]:
        return [
            *_outside("pay_minimum_minor", self.pay_minimum_minor, MAX_MINOR),
            *_outside("pay_step_minor", self.pay_step_minor, MAX_MINOR),
            *_outside("cap_bp", self.cap_bp, 10_000),
        ]

    @property
    def pay_terms(self) -> PayTerms:
        """As the arithmetic of paying takes it."""
        return PayTerms(
            asset=CREDIT,
            value_minor=1,
            pay_enabled=True,
            pay_minimum=self.pay_minimum_minor,
            pay_step=self.pay_step_minor,
            pay_cap_bp=self.cap_bp,
        )


FREELY = PayTerms(asset=CREDIT, value_minor=1, pay_enabled=True)


@value
class Back(Value):
    """What one rule gives back, and the spend of each line it is given for."""

    amount: int
    spend: Basis
    keep: Share
    steps: Share

    @property
    def spend_minor(self) -> int:
        """Altogether."""
        return sum([part for _line, part in self.spend])


def in_turn(rules: Sequence[CashbackTerms]) -> list[CashbackTerms]:
    """By priority, of equals the dearer first: so a member never gets the poorer of two."""
    return sorted(rules, key=lambda rule: (-rule.priority, -rule.rate_bp))


def uncounted(goods: Worth, counted: Mapping[int, int]) -> Worth:
    """What of the goods a rule is for no rule before it counted, by what these counted of each line."""
    if not counted:
        return goods
    parts = tuple([(line, worth - counted.get(line, 0)) for line, worth in goods.parts])
    return Worth(goods.lines, parts, sum([part for _line, part in parts]))


def full_minor(rule: CashbackTerms, left: Worth) -> int:
    """``round(spend x rate_bp / 10000)`` of what no rule counted yet, at most the sale's cap."""
    amount = rounded_ratio(left.total * rule.rate_bp, 10_000, rule.rounding)
    return amount if rule.cap_minor is None else min(amount, rule.cap_minor)


def back(rule: CashbackTerms, left: Worth, *, amount: int, whole_minor: int) -> Back:
    """What a rule gives, cut to ``amount`` by its caps, and the spend that this uses up.

    Uncut it is all of it; cut it is ``ceil(amount x 10000 / rate_bp)``, so that nothing is counted
    twice, split over the lines by what is left of them.

    Args:
        whole_minor: what the goods are worth altogether, counted or not.
    """
    exact = (left.total * rule.rate_bp, 10_000)
    uncut = amount == rounded_ratio(*exact, rule.rounding)
    spend = left.total if uncut else min(-(-amount * 10_000 // rule.rate_bp), left.total)
    return Back.made(
        amount=amount,
        spend=_spread(spend, left.parts),
        # A minimum spend lies within what was spent.
        keep=(rule.restriction.minimum_minor, whole_minor),
        steps=exact if uncut and rule.rounding == "floor" else NONE,
    )


def _spread(spend: int, parts: Basis) -> Basis:
    if len(parts) == 1:
        return ((parts[0][0], spend),) if spend else ()
    spread = split(spend, [part for _line, part in parts])
    return tuple([(line, part) for (line, _left), part in zip(parts, spread, strict=True) if part])


def _outside(name: str, value: int, maximum: int) -> list[DomainError]:
    if 1 <= value <= maximum:
        return []
    return [
        Invalid(
            "out_of_range",
            _("Give a number from %(minimum)s to %(maximum)s.")
            % {"minimum": 1, "maximum": maximum},
            field=name,
            params={"minimum": 1, "maximum": maximum},
        )
    ]
