"""What moved in a period, by merchant and pot: what a coalition clears from.

A movement belongs to the period in which it was **recorded**: a period that is over never changes,
whatever is imported or refunded later. What undoes something belongs to the merchant of what it
undoes and carries that day, so that it can be priced as it was then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate

from loyalty.ledger.models import Entry, LotUse

_DEAD = (Entry.Pot.EXPIRED, Entry.Pot.LAPSED)


@dataclass(frozen=True, kw_only=True)
class PeriodMove:
    """A sum of signed units. ``cause`` is named where what is undone lies before the period."""

    merchant_id: int | None
    pot: str
    origin: date
    units: int
    reverses: bool
    cause: str


def period_moves(*, asset: str, since: datetime, until: datetime, zone: str) -> list[PeriodMove]:
    """All that moved of an asset of the programme in scope, summed by merchant, pot and day.

    What expired is told by who had issued it. Two queries, however much moved.
    """
    rows = Entry.objects.filter(
        account__asset__code=asset,
        transaction__recorded_at__gte=since,
        transaction__recorded_at__lt=until,
    )
    return [*_moved(rows.exclude(pot__in=_DEAD), since, zone), *_died(asset, since, until, zone)]


def _moved(rows: QuerySet[Entry], since: datetime, zone: str) -> list[PeriodMove]:
    undone = "reverses__transaction"
    summed = (
        rows.annotate(
            whose=Coalesce(f"{undone}__merchant", "transaction__merchant"),
            day=TruncDate(
                Coalesce(f"{undone}__recorded_at", "transaction__recorded_at"),
                tzinfo=ZoneInfo(zone),
            ),
            undoes=Case(When(reverses__isnull=False, then=Value(True)), default=Value(False)),
            of=Case(
                When(Q(**{f"{undone}__recorded_at__lt": since}), then=F(f"{undone}__cause")),
                default=Value(""),
            ),
        )
        .values("whose", "pot", "day", "undoes", "of")
        .annotate(units=Sum("amount"))
        .order_by("whose", "pot", "day", "of")
    )
    return [
        PeriodMove(
            merchant_id=row["whose"],
            pot=row["pot"],
            origin=row["day"],
            units=row["units"],
            reverses=row["undoes"],
            cause=row["of"],
        )
        for row in summed
    ]


def _died(asset: str, since: datetime, until: datetime, zone: str) -> list[PeriodMove]:
    """Expiries by the merchant whose credit opened the lot; a lot's uses say which lot it was."""
    uses = LotUse.objects.filter(
        entry__pot__in=_DEAD,
        entry__account__asset__code=asset,
        entry__transaction__recorded_at__gte=since,
        entry__transaction__recorded_at__lt=until,
    )
    issued = "lot__entry__transaction"
    summed = (
        uses.annotate(
            whose=F(f"{issued}__merchant"),
            day=TruncDate(f"{issued}__recorded_at", tzinfo=ZoneInfo(zone)),
            pot=F("entry__pot"),
        )
        .values("whose", "pot", "day")
        .annotate(units=Sum("amount"))
        .order_by("whose", "pot", "day")
    )
    return [
        PeriodMove(
            merchant_id=row["whose"],
            pot=row["pot"],
            origin=row["day"],
            units=-row["units"],
            reverses=False,
            cause="",
        )
        for row in summed
    ]


@dataclass(frozen=True, kw_only=True)
class Paid:
    """Units that were redeemed for one thing: where, when, and whose account they came from."""

    merchant_id: int | None
    holder_id: int
    asset: str
    units: int
    recorded_at: datetime


def paid_for(cause: str) -> Paid | None:
    """What was redeemed for a voucher, by its public id; ``None`` where nobody paid. One query."""
    rows = Entry.objects.select_related("transaction", "account__asset").filter(
        transaction__cause=cause, pot=Entry.Pot.REDEEMED, amount__lt=0, reverses__isnull=True
    )
    entry = rows.order_by("id").first()
    if entry is None:
        return None
    return Paid(
        merchant_id=entry.transaction.merchant_id,
        holder_id=entry.account.holder_id,
        asset=entry.account.asset.code,
        units=-entry.amount,
        recorded_at=entry.transaction.recorded_at,
    )


def period_total(*, asset: str, since: datetime, until: datetime) -> int:
    """The net of all entries of an asset recorded in a period: what every clearing must add up to."""
    rows = Entry.objects.filter(
        account__asset__code=asset,
        transaction__recorded_at__gte=since,
        transaction__recorded_at__lt=until,
    )
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)
