"""What the commands of sales answer: plain values a till can show and a replay can repeat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from loyalty.engine.activity import Sale
from loyalty.engine.results import (
    BalanceView,
    EffectView,
    balance_views,
    effect_view,
    effect_views,
    undone_view,
)

__all__ = [
    "BalanceView",
    "EffectView",
    "PricedLine",
    "PurchaseResult",
    "RefundResult",
    "balance_views",
    "effect_view",
    "effect_views",
    "on_top_minor",
    "priced_lines",
    "undone_view",
]


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """What a line was and is: ``net_minor`` is ``was_minor`` less ``discount_minor``."""

    number: int
    sku: str
    name: str
    quantity_milli: int
    was_minor: int
    discount_minor: int
    net_minor: int


@dataclass(frozen=True, kw_only=True)
class PurchaseResult:
    """A recorded purchase (or quote): every effect, and the balances after it.

    ``total_minor`` is after ``discount_minor``; ``lines`` say what each was before. Effects of
    the kind ``lower_price`` say which rule took how much off. ``on_top_minor`` is what the customer
    pays besides ``to_pay_minor``: a bill rounded up for a good cause.
    """

    purchase: str
    member: str
    receipt: str
    currency: str
    total_minor: int
    discount_minor: int
    points_paid_minor: int
    vouchers_paid_minor: int
    to_pay_minor: int
    happened_at: datetime
    effects: tuple[EffectView, ...]
    balances: tuple[BalanceView, ...]
    lines: tuple[PricedLine, ...] = ()
    credit_paid_minor: int = 0
    duplicate: bool = False
    on_top_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class RefundResult:
    """A recorded refund, and what it undid.

    ``amount_minor`` is what the goods given back were worth, ``cash_minor`` what of it goes back in
    money: the part that points, vouchers or store credit had paid goes back as those. ``on_top_minor`` goes
    back besides, of what was paid on top.
    """

    refund: str
    purchase: str
    member: str
    amount_minor: int
    cash_minor: int
    refunded_minor: int
    currency: str
    effects: tuple[EffectView, ...]
    balances: tuple[BalanceView, ...]
    on_top_minor: int = 0


def on_top_minor(effects: Iterable[EffectView]) -> int:
    """What the customer pays on top of a sale, by the effects that say so."""
    return sum(int(one.details.get("on_top_minor", 0)) for one in effects)


def priced_lines(sale: Sale | None) -> tuple[PricedLine, ...]:
    """The lines of a sale with what each was before discounts."""
    return tuple(
        PricedLine(
            number=line.number,
            sku=line.sku,
            name=line.name,
            quantity_milli=line.quantity_milli,
            was_minor=line.net_minor + line.discount_minor,
            discount_minor=line.discount_minor,
            net_minor=line.net_minor,
        )
        for line in (sale.lines if sale else ())
    )
