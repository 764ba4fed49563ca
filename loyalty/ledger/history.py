"""A holder's history, newest first, page by page: what moved, why, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.ledger.assets import code_of
from loyalty.ledger.lines import told
from loyalty.ledger.models import Asset, Entry
from loyalty.tenancy.scope import is_private_elsewhere


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One entry. ``reason`` and ``details`` make a sentence in any language (``explain``).

    ``remaining`` of a credit is what of it can still be spent; ``ripens_at`` is set while it waits.
    """

    id: int
    happened_at: datetime
    recorded_at: datetime
    asset: str
    amount: int
    balance_after: int
    pot: str
    kind: str
    cause: str
    reason: str
    details: Mapping[str, Any]
    member_id: int | None
    location: str
    is_pending: bool = False
    ripens_at: datetime | None = None
    expires_at: datetime | None = None
    remaining: int = 0


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """A page of lines; ``next_before`` asks for the page of older ones, 0 where there is none."""

    lines: tuple[HistoryLine, ...]
    next_before: int = 0


def history(
    *, holder_id: int, asset: str = "", cause: str = "", before: int = 0, limit: int = 50
) -> HistoryPage:
    """Entries of a holder, newest first, by keyset. Two queries.

    What is only counted towards something else (the spend of a year) is told where it counts, and
    left out here unless it is asked for.

    Args:
        asset: only this asset. ``cause``: all that this purchase, voucher … moved.
        before: the ``next_before`` of the page above.
    """
    rows = (
        Entry.objects.filter(account__holder=holder_id)
        .select_related("transaction__location", "account", "lot")
        .order_by("-id")
    )
    if asset:
        rows = rows.filter(account__asset__code=asset)
    if cause:
        rows = rows.filter(transaction__cause=cause)
    if not asset and not cause:
        rows = rows.exclude(account__asset__kind=Asset.Kind.COUNTER)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    more = found[limit - 1].pk if len(found) > limit else 0
    return HistoryPage(lines=tuple(_line(row) for row in found[:limit]), next_before=more)


def _line(row: Entry) -> HistoryLine:
    moved = row.transaction
    lot = getattr(row, "lot", None)
    elsewhere = is_private_elsewhere(moved.merchant_id)
    reason, details = told(row)
    return HistoryLine(
        id=row.pk,
        happened_at=moved.happened_at,
        recorded_at=moved.recorded_at,
        asset=code_of(row.account.asset_id),
        amount=row.amount,
        balance_after=row.balance_after,
        pot=row.pot,
        kind=moved.kind,
        cause="" if elsewhere else moved.cause,
        reason=reason,
        details=details,
        member_id=moved.member_id,
        location=moved.location.name if moved.location and not elsewhere else "",
        is_pending=bool(lot and lot.is_pending and lot.remaining),
        ripens_at=lot.ripens_at if lot and lot.is_pending else None,
        expires_at=lot.expires_at if lot and lot.remaining else None,
        remaining=lot.remaining if lot else 0,
    )
