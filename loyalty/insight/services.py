"""Keeping the daily sums, and the ledger's totals by pot, true. Derived data only: nothing here is a fact, all can be rebuilt.

A refresh looks what came in since the last one, takes the local days it happened on, and writes
those days anew from the sources. It may run at any time, twice, or after a crash.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F

from loyalty.common.clock import now as clock_now
from loyalty.insight import figures
from loyalty.insight.models import DayFigure, LedgerDay, Progress
from loyalty.ledger import figures as ledger_figures
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

# Longer than any command takes from its instant to its commit.
OVERLAP = timedelta(minutes=15)
# With more days than this (an import), summing everything at once is quicker.
MOST_DAYS = 31


def refresh(programme: Programme) -> int:
    """Bring the roll-ups up to now; answers how many days were written. Cheap without news."""
    with in_programme(programme):
        seen = Progress.objects.filter().first() or Progress()
        if _is_current(seen):
            return 0
        with transaction.atomic():
            row, _made = Progress.objects.get_or_create(programme=programme)
            if not _take_turn(row):
                return 0  # another reader is at it and will see what we saw
            _remember(row)  # before summing: what commits meanwhile is news for the next turn
            ledger_figures.keep_totals(until=clock_now() - OVERLAP)
            days = _touched(row, zone=programme.timezone)
            # Where the clock was set back, when it was recorded does not tell what is new.
            is_set_back = bool(row.transaction_at and row.transaction_at > clock_now())
            _write(programme, None if is_set_back or len(days) > MOST_DAYS else days)
            return len(days)


def rebuild(programme: Programme) -> int:
    """Throw the roll-ups away and sum everything anew; answers the number of rows."""
    with in_programme(programme), transaction.atomic():
        row, _made = Progress.objects.get_or_create(programme=programme)
        Progress.objects.filter(pk=row.pk).update(turn=F("turn") + 1)
        _remember(row)
        ledger_figures.keep_totals(until=clock_now() - OVERLAP, anew=True)
        return _write(programme, None)


def _is_current(seen: Progress) -> bool:
    heads = figures.heads()
    newest, _at = ledger_figures.last_transaction()
    return (newest, heads.purchase_id, heads.refund_id, heads.member_id) == (
        seen.transaction_id,
        seen.purchase_id,
        seen.refund_id,
        seen.member_id,
    )


def _take_turn(row: Progress) -> bool:
    """The conditional update holds the row to the end of the transaction."""
    return bool(Progress.objects.filter(pk=row.pk, turn=row.turn).update(turn=F("turn") + 1))


def _touched(row: Progress, *, zone: str) -> set[date]:
    since = row.transaction_at - OVERLAP if row.transaction_at else None
    seen = figures.Heads(
        purchase_id=row.purchase_id, refund_id=row.refund_id, member_id=row.member_id
    )
    days = figures.days_touched(seen, zone=zone)
    return days | ledger_figures.days_touched(zone=zone, recorded_since=since)


def _write(programme: Programme, days: Iterable[date] | None) -> int:
    """Write some days, or all, as a whole."""
    wanted = None if days is None else sorted(days)
    moves = ledger_figures.moves_by_day(zone=programme.timezone, days=wanted)
    counted = figures.figures_of(zone=programme.timezone, days=wanted)
    for table in (LedgerDay, DayFigure):
        stale = table.objects.all()
        (stale if wanted is None else stale.filter(day__in=wanted)).delete()
    LedgerDay.objects.bulk_create(
        [
            LedgerDay(
                merchant_id=move.merchant_id,
                day=move.day,
                asset=move.asset,
                pot=move.pot,
                kind=move.kind,
                credited=move.credited,
                debited=move.debited,
                entries=move.entries,
            )
            for move in moves
        ],
        batch_size=500,
    )
    DayFigure.objects.bulk_create(counted, batch_size=500)
    return len(moves) + len(counted)


def _remember(row: Progress) -> None:
    heads = figures.heads()
    newest, at = ledger_figures.last_transaction()
    Progress.objects.filter(pk=row.pk).update(
        transaction_id=newest,
        transaction_at=at,
        purchase_id=heads.purchase_id,
        refund_id=heads.refund_id,
        member_id=heads.member_id,
    )
