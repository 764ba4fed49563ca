"""What commands answer of an activity: plain values a till can show and a replay can repeat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.engine.effects import Applied, Undone
from loyalty.engine.models import AppliedEffect
from loyalty.ledger.book import Book


@dataclass(frozen=True, kw_only=True)
class EffectView:
    """One effect and its reason; ``amount`` is signed (negative when taken back)."""

    mechanic: str
    kind: str
    rule: str
    rule_name: str
    asset: str
    amount: int
    reason: str
    details: dict[str, Any]
    available_at: datetime | None = None
    expires_at: datetime | None = None
    voucher: str = ""


@dataclass(frozen=True, kw_only=True)
class BalanceView:
    """One asset of the member's holder, in units of the asset."""

    asset: str
    balance: int
    available: int
    pending: int
    debt: int


@dataclass(frozen=True, kw_only=True)
class ActivityResult:
    """A recorded activity: every effect, and the balances after it."""

    activity: str
    member: str
    type: str
    happened_at: datetime
    effects: tuple[EffectView, ...]
    balances: tuple[BalanceView, ...]
    duplicate: bool = False


@dataclass(frozen=True, kw_only=True)
class ActivityTakenBack:
    """An activity that was told by mistake: how many effects fell now, and the points among them."""

    activity: str
    member: str
    type: str
    undone: int
    points: int


def effect_view(applied: Applied) -> EffectView:
    """An applied effect for the reply."""
    lot = applied.entry.lot if applied.entry else None
    sign = -1 if applied.entry and applied.entry.amount < 0 else 1
    return EffectView(
        mechanic=applied.mechanic,
        kind=applied.kind,
        rule=applied.rule,
        rule_name=applied.rule_name,
        asset=applied.asset,
        amount=sign * applied.amount,
        reason=applied.reason,
        details=dict(applied.details),
        available_at=lot.ripens_at if lot else None,
        expires_at=lot.expires_at if lot else None,
        voucher=str(applied.memo.get("voucher", "")),
    )


def undone_view(undone: Undone) -> EffectView:
    """What a refund undid of an effect, for the reply."""
    applied = undone.applied
    sign = 1 if applied.entry and applied.entry.amount < 0 else -1
    return EffectView(
        mechanic=applied.mechanic,
        kind=applied.kind,
        rule=applied.rule,
        rule_name=applied.rule_name,
        asset=applied.asset,
        amount=sign * undone.amount,
        reason="refund",
        details={"rule": applied.rule_name},
        voucher=str(applied.memo.get("voucher", "")),
    )


def balance_views(book: Book) -> tuple[BalanceView, ...]:
    """All balances of a book, by asset code."""
    for asset in list(book.accounts):
        book.settle(asset)
    return tuple(
        BalanceView(
            asset=account.asset,
            balance=account.balance,
            available=account.available,
            pending=account.pending,
            debt=account.debt,
        )
        for account in sorted(book.accounts.values(), key=lambda account: account.asset)
    )


def effect_views(effects: Iterable[Applied]) -> tuple[EffectView, ...]:
    """All applied effects for the reply."""
    return tuple(effect_view(applied) for applied in effects)


def stored_effect_view(row: AppliedEffect) -> EffectView:
    """A stored effect (with its entry loaded), as its first answer had it but for the dates."""
    sign = -1 if row.entry and row.entry.amount < 0 else 1
    return EffectView(
        mechanic=row.mechanic,
        kind=row.kind,
        rule=row.rule,
        rule_name=row.rule_name,
        asset=row.asset,
        amount=sign * row.amount,
        reason=row.reason,
        details=row.details,
        voucher=str(row.memo.get("voucher", "")),
    )
