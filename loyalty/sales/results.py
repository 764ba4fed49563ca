"""What the commands of sales answer: plain values a till can show and a replay can repeat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    "PurchaseResult",
    "RefundResult",
    "balance_views",
    "effect_view",
    "effect_views",
    "undone_view",
]


@dataclass(frozen=True, kw_only=True)
class PurchaseResult:
    """A recorded purchase (or quote): every effect, and the balances after it."""

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
    duplicate: bool = False


@dataclass(frozen=True, kw_only=True)
class RefundResult:
    """A recorded refund, and what it undid.

    ``amount_minor`` is what the goods given back were worth, ``cash_minor`` what of it goes back in
    money: the part that points and vouchers had paid goes back as those.
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
