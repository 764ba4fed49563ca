"""What a sale gives to a good cause, and what of it stays after a refund: pure rules.

Three purses are kept apart, because three different people open them: ``shop`` is the shop's cost,
``member`` is what the customer pays on top of the bill, ``points`` is the worth of points given.
Things given one for one are counted, not priced: ``items``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR, rounded_ratio
from loyalty.common.values import Value, value
from loyalty.engine.activity import ActivityData, SaleLine
from loyalty.engine.effects import Basis
from loyalty.engine.restrictions import EVERYTHING, Restriction, price
from loyalty.engine.rules import RuleTerms
from loyalty.ledger.assets import AssetView

Purse = Literal["shop", "member", "points", "items"]
PURSES: tuple[Purse, ...] = ("shop", "member", "points", "items")
MONEY_PURSES: tuple[Purse, ...] = ("shop", "member", "points")
MAX_ITEMS = 1_000_000


def asset_of(cause: str, purse: Purse) -> str:
    """The code of the asset a purse of a cause is counted in, in the ledger."""
    return f"donated:{cause}:{purse}"


@dataclass(frozen=True, kw_only=True)
class CauseTerms(RuleTerms):
    """A good cause. ``family`` is the id of its first version: what is given belongs to the family."""

    family: str = ""
    takes_points: bool = True

    def counted_in(self) -> tuple[AssetView, ...]:
        return tuple(
            AssetView(
                code=asset_of(self.family, purse),
                kind="counter",
                name_vi=f"quyên góp {self.name}"[:60],
                name_en=f"given to {self.name}"[:60],
                value_minor=0,
                value_units=1,
            )
            for purse in PURSES
        )


@dataclass(frozen=True, kw_only=True)
class DonationTerms(RuleTerms):
    """One way of giving.

    Args:
        way: ``purchase`` (``amount_minor`` a sale), ``item`` (``amount_minor`` for each
            ``per_items``), ``percent`` (``share_bp`` of the goods), ``round_up`` (the bill to the
            next ``round_to_minor``, paid by the customer) or ``one_for_one`` (a thing for each
            ``per_items``).
        cause: family of the cause it goes to; with ``member_chooses`` only where the member chose
            none that is open.
        free_items_count: what a voucher made free counts as bought.
        whole_payments_only: round up no bill that points or vouchers pay a part of.
    """

    restriction: Restriction = EVERYTHING
    way: str = "purchase"
    cause: str = ""
    member_chooses: bool = False
    amount_minor: int = 0
    per_items: int = 1
    share_bp: int = 0
    round_to_minor: int = 0
    free_items_count: bool = False
    whole_payments_only: bool = False

    @property
    def purse(self) -> Purse:
        """Who pays."""
        if self.way == "round_up":
            return "member"
        return "items" if self.way == "one_for_one" else "shop"

    def problems(self) -> list[DomainError]:
        found = self.restriction.problems()
        if not self.cause:
            found.append(Invalid("required", _("Choose a cause."), field="cause"))
        bounds = {
            "purchase": ("amount_minor", self.amount_minor, MAX_MINOR),
            "item": ("amount_minor", self.amount_minor, MAX_MINOR),
            "percent": ("share_bp", self.share_bp, 10_000),
            "round_up": ("round_to_minor", self.round_to_minor, MAX_MINOR),
        }
        if self.way in bounds:
            field, value, most = bounds[self.way]
            found += _range(field, value, most)
        return [*found, *_range("per_items", self.per_items, MAX_ITEMS)]


def _range(field: str, value: int, most: int) -> list[DomainError]:
    if 1 <= value <= most:
        return []
    text = _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": 1, "maximum": most}
    return [Invalid("out_of_range", text, field=field, params={"minimum": 1, "maximum": most})]


@value
class Gift(Value):
    """What one rule gives for one sale: minor units of money, or things.

    ``units`` thousandths of items were counted by ``each`` for ``per``, so that a refund can count
    again; 0 where it was no counting of items.
    """

    amount: int
    basis: Basis = ()
    units: int = 0
    each: int = 0
    per: int = 0


def gift(rule: DonationTerms, activity: ActivityData) -> Gift | None:
    """What a rule gives for a sale, limits aside; ``None`` for nothing.

    Percent: ``goods x share_bp / 10000`` rounded down. Round-up: ``-bill mod round_to_minor``, of
    what is left to pay of the whole bill; a bill that is whole already, or paid, gives nothing.
    """
    sale = activity.sale
    lines = rule.restriction.lines(activity, worth=price)
    basis: Basis = ()
    if sale is None or not lines:
        return None
    if rule.way in ("item", "one_for_one"):
        return _by_items(rule, lines)
    if rule.way == "round_up":
        bill = sum(line.left_minor for line in sale.lines)
        in_part = sum(line.paid_minor for line in sale.lines)
        if len(lines) < len(sale.goods) or bill == 0 or (rule.whole_payments_only and in_part):
            return None
        amount = -bill % rule.round_to_minor
    elif rule.way == "percent":
        basis = tuple([(line.number, line.net_minor - line.paid_minor) for line in lines])
        left = sum([weight for _line, weight in basis])
        amount = rounded_ratio(left * rule.share_bp, 10_000, "floor")
    else:
        amount, basis = rule.amount_minor, tuple((one.number, one.net_minor) for one in lines)
    return Gift.made(amount=amount, basis=basis) if amount else None


def _by_items(rule: DonationTerms, lines: tuple[SaleLine, ...]) -> Gift | None:
    basis = tuple(
        (line.number, line.quantity_milli - (0 if rule.free_items_count else line.free_milli))
        for line in lines
    )
    units = sum(weight for _line, weight in basis)
    each = 1 if rule.way == "one_for_one" else rule.amount_minor
    amount = counted(units, each=each, per=rule.per_items)
    if amount == 0:
        return None
    return Gift.made(amount=amount, basis=basis, units=units, each=each, per=rule.per_items)


def counted(units_milli: int | Fraction, *, each: int, per: int) -> int:
    """``floor(items / per) x each``: two notebooks and a half are two."""
    return int(units_milli) // (1000 * per) * each


def stays(memo: Mapping[str, Any], amount: int, share: Fraction) -> int:
    """What of a gift stays when a cumulative ``share`` of its cause came back.

    What was counted by items is counted again on those that are left; of anything else
    ``floor(amount x share)`` falls.
    """
    if memo.get("units"):
        left = memo["units"] * (1 - share)
        return min(counted(left, each=memo["each"], per=memo["per"]), amount)
    return amount - int(amount * share)


def read_year(text: str) -> int:
    """A year as people write it. Raises ``Invalid``."""
    if not (text.isascii() and text.isdigit() and len(text) == 4 and "1990" <= text < "9999"):
        raise Invalid("bad_year", _("Give a year such as 2026."), field="year")
    return int(text)
