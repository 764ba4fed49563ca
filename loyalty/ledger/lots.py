"""Lots looked at one by one: those that wait for an event, that never got a date, that soon expire.

Functions on a book work within a command that has locked its holder; the rest are reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum

from loyalty.common.clock import now as clock_now
from loyalty.ledger.models import Account, Lot
from loyalty.ledger.states import LotState
from loyalty.ledger.store import StoredBook, lot_state

WARNINGS = (30, 7, 1)


@dataclass(frozen=True, kw_only=True)
class Expiring:
    """What of an asset expires at an instant, and at which distance its owner is warned."""

    lot_ids: tuple[int, ...]
    amount: int
    expires_at: datetime
    days: int


def waiting_lots(stored: StoredBook, *, cause: str, event: str) -> list[LotState]:
    """The holder's lots that wait for an event, of one cause (a purchase). One query."""
    rows = Lot.objects.select_related("account__asset").filter(
        account__holder=stored.holder_id,
        is_pending=True,
        remaining__gt=0,
        waits_for=event,
        entry__transaction__cause=cause,
    )
    return [stored.book.know(lot_state(row, row.account.asset.code)) for row in rows]


def cancel_lot(stored: StoredBook, lot: LotState) -> None:
    """The event will never come: the lot lapses now."""
    lot.lapses_at = stored.book.now
    lot.changed = True
    stored.book.account(lot.asset).due_at = stored.book.now
    stored.book.settle(lot.asset)


def undated_lots(stored: StoredBook, asset: str, *, before: datetime) -> list[LotState]:
    """The holder's open lots of an asset without any date, opened before an instant. One query."""
    rows = _undated(asset, before).filter(account__holder=stored.holder_id)
    return [stored.book.know(lot_state(row, asset)) for row in rows]


def holders_with_undated_lots(asset: str, *, before: datetime) -> QuerySet[Lot, int]:
    """Their ids, for a job that dates them one by one."""
    found = _undated(asset, before).values_list("account__holder", flat=True)
    return found.order_by("account__holder").distinct()


def date_lot(stored: StoredBook, lot: LotState, *, expires_at: datetime, slides: bool) -> None:
    """Give a lot its date."""
    lot.expires_at, lot.slides, lot.changed = expires_at, slides, True
    account = stored.book.account(lot.asset)
    if lot.due_at is not None and (account.due_at is None or lot.due_at < account.due_at):
        account.due_at = lot.due_at
    account.changed = True


def holders_to_warn(assets: Iterable[str], *, at: datetime) -> QuerySet[Lot, int]:
    """Holders of lots that came within a distance their owner has not been warned at."""
    found = _to_warn(at).filter(account__asset__code__in=list(assets))
    return found.values_list("account__holder", flat=True).order_by("account__holder").distinct()


def expiring_lots(*, holder_id: int, asset: str, at: datetime) -> list[Expiring]:
    """What a holder is to be warned of, by the instant it expires. One query."""
    rows = _to_warn(at).filter(account__holder=holder_id, account__asset__code=asset)
    by_instant: dict[datetime, list[Lot]] = {}
    for row in rows.order_by("expires_at", "id"):
        assert row.expires_at is not None
        by_instant.setdefault(row.expires_at, []).append(row)
    return [
        Expiring(
            lot_ids=tuple(row.pk for row in lots),
            amount=sum(row.remaining for row in lots),
            expires_at=expires_at,
            days=_distance(expires_at, at),
        )
        for expires_at, lots in by_instant.items()
    ]


def expiring_within(
    *, holder_id: int, assets: Iterable[str], days: int
) -> list[tuple[str, int, datetime]]:
    """Asset, amount and instant of what a holder loses within so many days, soonest first."""
    at = clock_now()
    lots = Lot.objects.filter(
        account__holder=holder_id,
        account__asset__code__in=list(assets),
        remaining__gt=0,
        is_pending=False,
        expires_at__gt=at,
        expires_at__lte=at + timedelta(days=days),
    )
    rows = lots.values_list("account__asset__code", "expires_at").annotate(left=Sum("remaining"))
    return [(code, left, expires_at) for code, expires_at, left in rows.order_by("expires_at")]


def ripening_lots(*, holder_id: int, asset: str) -> list[tuple[int, datetime]]:
    """Amount and instant of what becomes available to a holder by itself, soonest first. One query."""
    lots = Lot.objects.filter(
        account__holder=holder_id,
        account__asset__code=asset,
        remaining__gt=0,
        is_pending=True,
        ripens_at__gt=clock_now(),
    )
    rows = lots.values_list("ripens_at").annotate(left=Sum("remaining"))
    return [(left, ripens_at) for ripens_at, left in rows.order_by("ripens_at")]


def mark_warned(expiring: Expiring) -> None:
    """Its owner has been warned at this distance."""
    Lot.objects.filter(pk__in=expiring.lot_ids).update(warned_days=expiring.days)


def _undated(asset: str, before: datetime) -> QuerySet[Lot]:
    return Lot.objects.filter(
        account__asset__code=asset,
        remaining__gt=0,
        expires_at__isnull=True,
        waits_for="",
        expiry_term__isnull=True,
        opened_at__lt=before,
    )


def _to_warn(at: datetime) -> QuerySet[Lot]:
    near = Q(pk__in=[])
    for days in WARNINGS:
        unwarned = Q(warned_days__isnull=True) | Q(warned_days__gt=days)
        near |= unwarned & Q(expires_at__lte=at + timedelta(days=days))
    return Lot.objects.filter(near, remaining__gt=0, is_pending=False, expires_at__gt=at)


def _distance(expires_at: datetime, at: datetime) -> int:
    return min(days for days in WARNINGS if expires_at <= at + timedelta(days=days))


def accounts_due(*, at: datetime, limit: int) -> list[tuple[int, datetime]]:
    """Holders with something due and since when, the longest due first, each once."""
    rows = Account.objects.filter(due_at__lte=at).order_by("due_at", "id")
    first: dict[int, datetime] = {}
    for holder_id, due_at in rows.values_list("holder", "due_at")[:limit]:
        assert due_at is not None
        first.setdefault(holder_id, due_at)
    return list(first.items())
