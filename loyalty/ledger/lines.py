"""What a holder has and what moved, as plain values for every face that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from loyalty.ledger.assets import asset
from loyalty.ledger.models import Asset, Entry
from loyalty.ledger.selectors import Balance
from loyalty.tenancy.scope import is_private_elsewhere
from loyalty.web.formats import Unit

ELSEWHERE = "elsewhere"


@dataclass(frozen=True, kw_only=True)
class AssetBalance:
    """One asset a member holds, in whole units.

    ``available`` can be spent now; ``pending`` becomes available later; ``debt`` is filled by the
    next credits. ``value_minor`` is what the available units are worth to the customer.
    """

    asset: str
    kind: str
    name: str
    balance: int
    available: int
    pending: int
    debt: int
    value_minor: int
    currency: str

    @property
    def unit(self) -> Unit:
        """What its amounts are counted in."""
        return Unit(self.name, self.currency if self.kind == Asset.Kind.MONEY else "")


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One movement and its reason, in words of the asked language."""

    transaction: str
    kind: str
    asset: str
    amount: int
    balance_after: int
    reason: str
    text: str
    cause: str
    merchant: str | None
    location: str | None
    available_at: datetime | None
    expires_at: datetime | None
    happened_at: datetime
    recorded_at: datetime


def balance_view(one: Balance, *, currency: str) -> AssetBalance:
    """A balance with what its asset is called and worth."""
    row = asset(one.asset)
    return AssetBalance(
        asset=one.asset,
        kind=row.kind,
        name=name_of(row),
        balance=one.balance,
        available=one.available,
        pending=one.pending,
        debt=one.debt,
        value_minor=max(one.available, 0) * row.value_minor // row.value_units,
        currency=currency,
    )


def line_view(row: Entry, *, text: str) -> LedgerLine:
    """An entry of :func:`~loyalty.ledger.selectors.lines_of`; ``text`` is its reason (:func:`told`) in words."""
    movement = row.transaction
    lot = getattr(row, "lot", None)
    # Balances are shared by a coalition's merchants; where and by what they moved is not.
    elsewhere = is_private_elsewhere(movement.merchant_id)
    return LedgerLine(
        transaction=movement.public_id,
        kind=movement.kind,
        asset=row.account.asset.code,
        amount=row.amount,
        balance_after=row.balance_after,
        reason=told(row)[0],
        text=text,
        cause="" if elsewhere else movement.cause,
        merchant=None if elsewhere or not movement.merchant else movement.merchant.public_id,
        location=None if elsewhere or not movement.location else movement.location.public_id,
        available_at=lot.ripens_at if lot else None,
        expires_at=lot.expires_at if lot else None,
        happened_at=movement.happened_at,
        recorded_at=movement.recorded_at,
    )


def told(row: Entry) -> tuple[str, Mapping[str, Any]]:
    """The reason of an entry and its details, as whoever looks may know them.

    What happened at another merchant of a coalition is told as just that.
    """
    if is_private_elsewhere(row.transaction.merchant_id):
        return ELSEWHERE, {}
    return row.reason, row.details


def name_of(row: Asset) -> str:
    """What an asset is called in the active language."""
    return row.name_vi if (get_language() or "vi").startswith("vi") else row.name_en
