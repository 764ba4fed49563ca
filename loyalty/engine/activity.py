"""What a member did, as a frozen snapshot: mechanics never see a model.

Amounts are integers in the programme currency's minor unit, quantities integers in thousandths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, NamedTuple

from loyalty.common.values import Value, changed, once, value

PURCHASE = "purchase"
GOODS = "goods"
SHIPPING = "shipping"


@value
class SaleLine(Value):
    """One line of a sale. ``kind`` other than goods (shipping, tip, gift card, fee) never earns.

    ``earning_minor`` is what points may be earned on: net of discounts, with or without tax by the
    programme's setting, less the part paid with points, vouchers or store credit.
    """

    number: int
    sku: str = ""
    name: str = ""
    categories: tuple[str, ...] = ()
    kind: str = GOODS
    quantity_milli: int = 1000
    net_minor: int = 0
    # What is off its first price by now, by hand and by rules; ``net_minor`` is after it.
    discount_minor: int = 0
    tax_minor: int = 0
    earning_minor: int = 0
    # What points, vouchers and store credit paid of it so far; how many units a voucher made free.
    paid_minor: int = 0
    free_milli: int = 0
    excluded: bool = False

    @property
    def left_minor(self) -> int:
        """What is left to pay of it."""
        return self.net_minor - self.paid_minor

    def cheaper(self, off_minor: int) -> SaleLine:
        """The line with so much off its price, before anything is paid of it.

        Tax falls with the price, rounded down: never more tax than was charged.
        """
        net = self.net_minor - off_minor
        tax = self.tax_minor * net // self.net_minor if self.net_minor else 0
        # Where tax does not earn, less of it leaves more that does.
        untaxed = self.tax_minor - tax if self.earning_minor < self.net_minor else 0
        return changed(
            self,
            net_minor=net,
            discount_minor=self.discount_minor + off_minor,
            tax_minor=tax,
            earning_minor=max(self.earning_minor - off_minor + untaxed, 0)
            if self.earning_minor
            else 0,
        )


class Worth(NamedTuple):
    """Lines that are worth something by a measure, (line number, worth) of each, and altogether."""

    lines: tuple[SaleLine, ...]
    parts: tuple[tuple[int, int], ...]
    total: int

    @classmethod
    def of(cls, lines: Iterable[SaleLine], measure: Callable[[SaleLine], int]) -> Worth:
        """Those of some lines that are worth more than nothing."""
        kept, parts, total = [], [], 0
        for line in lines:
            worth = measure(line)
            if worth > 0:
                kept.append(line)
                parts.append((line.number, worth))
                total += worth
        return cls(tuple(kept), tuple(parts), total)


NOTHING = Worth((), (), 0)


@value
class Sale(Value):
    """What was bought, and how it was paid as far as loyalty cares.

    ``settled``: paid already at exactly this price (an imported receipt); nothing lowers it now.
    """

    currency: str
    lines: tuple[SaleLine, ...]
    settled: bool = False
    paid_with_points_minor: int = 0
    paid_with_vouchers_minor: int = 0
    paid_with_credit_minor: int = 0

    @once
    def goods(self) -> tuple[SaleLine, ...]:
        """The lines that can earn."""
        return tuple([line for line in self.lines if line.kind == GOODS and not line.excluded])

    @once
    def shipping(self) -> frozenset[int]:
        """The numbers of the lines of delivery; a surcharge is another kind of line."""
        return frozenset([line.number for line in self.lines if line.kind == SHIPPING])

    def worth(self, measure: Callable[[SaleLine], int]) -> Worth:
        """The goods that are worth something by a measure; asked by every rule, so kept."""
        known = self._by_worth.get(measure)
        if known is None:
            known = self._by_worth[measure] = Worth.of(self.goods, measure)
        return known

    @once
    def _by_worth(self) -> dict[Callable[[SaleLine], int], Worth]:
        return {}

    @once
    def earning_minor(self) -> int:
        """What points may be earned on, over all goods."""
        return sum([line.earning_minor for line in self.goods])

    @once
    def net_minor(self) -> int:
        """Net worth of all goods, whatever they were paid with."""
        return sum([line.net_minor for line in self.goods])

    @property
    def paid_minor(self) -> int:
        """What was paid by other means than money."""
        return (
            self.paid_with_points_minor
            + self.paid_with_vouchers_minor
            + self.paid_with_credit_minor
        )

    @property
    def discount_minor(self) -> int:
        """What is off the first prices of all lines, by hand and by rules."""
        return sum(line.discount_minor for line in self.lines)


@value
class ActivityData(Value):
    """One thing a member did. ``key`` identifies it for ever: the same thing never counts twice."""

    type: str
    key: str
    happened_at: datetime
    public_id: str = ""
    merchant: str = ""
    location: str = ""
    sale: Sale | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
