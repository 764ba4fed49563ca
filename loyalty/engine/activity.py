"""What a member did, as a frozen snapshot: mechanics never see a model.

Amounts are integers in the programme currency's minor unit, quantities integers in thousandths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

PURCHASE = "purchase"
GOODS = "goods"


@dataclass(frozen=True, kw_only=True)
class SaleLine:
    """One line of a sale. ``kind`` other than goods (shipping, tip, gift card, fee) never earns.

    ``earning_minor`` is what points may be earned on: net of discounts, with or without tax by the
    programme's setting, less the part paid with points or vouchers.
    """

    number: int
    sku: str = ""
    name: str = ""
    categories: tuple[str, ...] = ()
    kind: str = GOODS
    quantity_milli: int = 1000
    net_minor: int = 0
    tax_minor: int = 0
    earning_minor: int = 0
    # What points and vouchers have paid of it so far, and how many units a voucher made free.
    paid_minor: int = 0
    free_milli: int = 0
    excluded: bool = False

    @property
    def left_minor(self) -> int:
        """What is left to pay of it."""
        return self.net_minor - self.paid_minor


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What was bought, and how it was paid as far as loyalty cares."""

    currency: str
    lines: tuple[SaleLine, ...]
    paid_with_points_minor: int = 0
    paid_with_vouchers_minor: int = 0

    @cached_property
    def goods(self) -> tuple[SaleLine, ...]:
        """The lines that can earn."""
        return tuple(line for line in self.lines if line.kind == GOODS and not line.excluded)

    @cached_property
    def earning_minor(self) -> int:
        """What points may be earned on, over all goods."""
        return sum(line.earning_minor for line in self.goods)

    @cached_property
    def net_minor(self) -> int:
        """Net worth of all goods, whatever they were paid with."""
        return sum(line.net_minor for line in self.goods)


@dataclass(frozen=True, kw_only=True)
class ActivityData:
    """One thing a member did. ``key`` identifies it for ever: the same thing never counts twice."""

    type: str
    key: str
    happened_at: datetime
    public_id: str = ""
    merchant: str = ""
    location: str = ""
    sale: Sale | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
