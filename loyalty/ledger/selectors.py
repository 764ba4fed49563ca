"""Reads of the ledger: balances as they are now, history by keyset, sums by pot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from loyalty.common.clock import now as clock_now
from loyalty.ledger.assets import code_of
from loyalty.ledger.models import Account, Entry, Lot


@dataclass(frozen=True, kw_only=True)
class Balance:
    """One asset of a holder at this instant, in units of the asset."""

    asset: str
    balance: int
    available: int
    pending: int
    debt: int
    earned: int
    spent: int


def balances(*, holder_id: int, at: datetime | None = None) -> list[Balance]:
    """All balances of a holder, exact to the instant even before a job has swept.

    One query, and one more per account in which something is due: its cost does not depend on how
    long the history is.
    """
    at = at or clock_now()
    rows = Account.objects.filter(holder=holder_id).order_by("asset__code")
    return [_balance(row, at) for row in rows]


def available_column(asset: str, *, at: datetime) -> Any:
    """What the holder of each row (its ``holder``) can spend of an asset, as an expression: the very
    figure of :func:`balances`, for many at once.
    """
    open_lots = Lot.objects.filter(account=OuterRef("pk"), remaining__gt=0).order_by()
    ripe = Q(is_pending=True, waits_for="", ripens_at__lte=at)
    expires = Q(expires_at__lte=at) & (ripe | Q(is_pending=False))
    moved = open_lots.values("account").annotate(
        moved=Coalesce(Sum("remaining", filter=ripe), 0)
        - Coalesce(Sum("remaining", filter=expires), 0)
    )
    due = Case(When(due_at__lte=at, then=Coalesce(Subquery(moved.values("moved")), 0)), default=0)
    rows = Account.objects.filter(holder=OuterRef("holder"), asset__code=asset)
    return Coalesce(Subquery(rows.values_list(F("balance") - F("pending") + due)), 0)


def earned_column(asset: str) -> Any:
    """What the holder of each row (its ``holder``) has earned of an asset in all, as an expression."""
    rows = Account.objects.filter(holder=OuterRef("holder"), asset__code=asset)
    return Coalesce(Subquery(rows.values("earned")), 0)


def first_expiries(
    *, holder_id: int, assets: Iterable[str], at: datetime | None = None
) -> dict[str, datetime]:
    """When the first of what a holder can spend of each asset dies. One query."""
    lots = Lot.objects.filter(
        account__holder=holder_id,
        account__asset__code__in=list(assets),
        remaining__gt=0,
        is_pending=False,
        expires_at__gt=at or clock_now(),
    )
    rows = lots.values("account__asset__code").annotate(first=Min("expires_at"))
    return {row["account__asset__code"]: row["first"] for row in rows}


def lines_of(*, holder_id: int, asset: str = "", others: Iterable[int] = ()) -> QuerySet[Entry]:
    """A holder's entries with all a reader wants to know of each; page them by ``-id``.

    Args:
        others: further holders, such as those of cards that were merged into the holder's.
    """
    accounts = Account.objects.filter(holder__in=[holder_id, *others])
    if asset:
        accounts = accounts.filter(asset__code=asset)
    rows: QuerySet[Entry] = Entry.objects.select_related(
        "transaction__merchant", "transaction__location", "account__asset", "lot"
    )
    return rows.filter(account__in=[account.pk for account in accounts])


def _balance(row: Account, at: datetime) -> Balance:
    balance, pending, debt = row.balance, row.pending, row.debt
    if row.due_at is not None and row.due_at <= at:
        expired, lapsed, ripened = _due(row.pk, at)
        balance -= expired + lapsed
        pending -= lapsed + ripened
        debt = max(debt - ripened, 0)
    return Balance(
        asset=code_of(row.asset_id),
        balance=balance,
        available=balance - pending,
        pending=pending,
        debt=debt,
        earned=row.earned,
        spent=row.spent,
    )


def _due(account_id: int, at: datetime) -> tuple[int, int, int]:
    lots = Lot.objects.filter(account=account_id, remaining__gt=0)
    ripe = Q(is_pending=True, waits_for="", ripens_at__lte=at)
    found = lots.aggregate(
        expired=Sum("remaining", filter=Q(expires_at__lte=at) & (ripe | Q(is_pending=False))),
        lapsed=Sum("remaining", filter=Q(is_pending=True, lapses_at__lte=at)),
        ripened=Sum("remaining", filter=ripe),
    )
    return found["expired"] or 0, found["lapsed"] or 0, found["ripened"] or 0
