"""Sums over the ledger by local day and pot, from which reports keep their roll-ups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import get_language

from loyalty.common.clock import end_of_day, start_of_day
from loyalty.common.clock import now as clock_now
from loyalty.ledger.assets import AssetView
from loyalty.ledger.models import Account, Asset, Entry, PotTotal, Transaction
from loyalty.tenancy.scope import current_programme
from loyalty.web.formats import Unit


@dataclass(frozen=True, kw_only=True)
class DayMoves:
    """What moved through one pot on one local day: both directions as positive units."""

    day: date
    merchant_id: int | None
    asset: str
    pot: str
    kind: str
    credited: int
    debited: int
    entries: int


@dataclass(frozen=True, kw_only=True)
class AssetInfo:
    """An asset as reports and tills name it; ``value_minor`` money for ``value_units`` units."""

    code: str
    kind: str
    name_vi: str
    name_en: str
    value_minor: int
    value_units: int

    def name(self, language: str) -> str:
        """Its word in a language."""
        return self.name_vi if language.startswith("vi") else self.name_en

    @property
    def is_money(self) -> bool:
        """Are its units the smallest unit of the programme's currency?"""
        return self.kind == Asset.Kind.MONEY

    def worth_minor(self, units: int) -> int:
        """What units are worth to the customer, rounded down; 0 where no worth is set."""
        return max(units, 0) * self.value_minor // self.value_units


def moves_by_day(*, zone: str, days: Iterable[date] | None = None) -> list[DayMoves]:
    """All moves of the programme in scope, or those of some days, summed. One query."""
    rows = Entry.objects.all()
    if days is not None:
        within = Q(pk__in=())
        for day in days:
            start, end = start_of_day(day, zone), end_of_day(day, zone)
            within |= Q(transaction__happened_at__gte=start, transaction__happened_at__lt=end)
        rows = rows.filter(within)
    summed = (
        rows.annotate(day=TruncDate("transaction__happened_at", tzinfo=ZoneInfo(zone)))
        .values("day", "transaction__merchant", "account__asset__code", "pot", "transaction__kind")
        .annotate(
            credited=Sum("amount", filter=Q(amount__gt=0)),
            debited=Sum("amount", filter=Q(amount__lt=0)),
            entries=Count("id"),
        )
        .order_by()
    )
    return [
        DayMoves(
            day=row["day"],
            merchant_id=row["transaction__merchant"],
            asset=row["account__asset__code"],
            pot=row["pot"],
            kind=row["transaction__kind"],
            credited=row["credited"] or 0,
            debited=-(row["debited"] or 0),
            entries=row["entries"],
        )
        for row in summed
    ]


def days_touched(*, zone: str, recorded_since: datetime | None) -> set[date]:
    """The local days on which something recorded since then happened."""
    rows = Transaction.objects.all()
    if recorded_since is not None:
        rows = rows.filter(recorded_at__gte=recorded_since)
    found = rows.annotate(day=TruncDate("happened_at", tzinfo=ZoneInfo(zone)))
    return set(found.values_list("day", flat=True).distinct().order_by())


def last_transaction() -> tuple[int, datetime | None]:
    """The highest id and the last recorded instant in scope; (0, None) without any.

    They may be of two transactions: of a clock that was set back, or of commands side by side.
    """
    rows = Transaction.objects.all()
    newest = rows.order_by("-id").values_list("id", flat=True).first() or 0
    at = rows.order_by("-recorded_at", "-id").values_list("recorded_at", flat=True).first()
    return newest, at


def assets() -> list[AssetInfo]:
    """The assets of the programme in scope, points first."""
    rows = Asset.objects.order_by("id")
    found = [
        AssetInfo(
            code=row.code,
            kind=row.kind,
            name_vi=row.name_vi,
            name_en=row.name_en,
            value_minor=row.value_minor,
            value_units=row.value_units,
        )
        for row in rows
    ]
    return sorted(found, key=lambda asset: asset.kind != Asset.Kind.POINTS)


def unit_of(asset: AssetInfo | AssetView) -> Unit:
    """What amounts of an asset are counted in: its word in the active language, or money."""
    is_money = asset.kind == Asset.Kind.MONEY
    currency = current_programme().currency if is_money else ""
    return Unit(asset.name(get_language() or "en"), currency)


def balances_of(holder_ids: Iterable[int], *, asset: str) -> dict[int, int]:
    """Balances of one asset for a page of holders, as last moved. One query."""
    rows = Account.objects.filter(holder__in=list(holder_ids), asset__code=asset)
    return dict(rows.values_list("holder", F("balance")))


def moved_through(pot: str, *, assets: Iterable[str]) -> dict[str, int]:
    """What went through a pot in all, by asset, credits less debits; right to the last entry. Two queries.

    Balances fall when a card is erased or merged; this is what was given in the first place. Read from
    the totals of :func:`keep_totals` and the entries recorded since.
    """
    codes = list(assets)
    kept = PotTotal.objects.filter(pot=pot, asset__code__in=codes).select_related("asset")
    found, until = dict[str, int](), None
    for row in kept:
        found[row.asset.code], until = row.amount, row.until
    rows = Entry.objects.filter(account__asset__code__in=codes, pot=pot)
    if until is not None:
        # Of an asset without a total nothing had moved by then.
        rows = rows.filter(transaction__recorded_at__gte=until)
    summed = rows.values("account__asset__code").annotate(total=Sum("amount")).order_by()
    for row in summed:
        code = row["account__asset__code"]
        found[code] = found.get(code, 0) + row["total"]
    return found


def keep_totals(*, until: datetime, anew: bool = False) -> None:
    """Sum what went through each pot up to an instant, of which nothing may be recorded any more.

    What was summed before is only added to, or ``anew`` thrown away; so it is when it reaches beyond
    now, because a clock was set back and what is recorded since would be missed. One caller at a time.
    """
    if anew or PotTotal.objects.filter(until__gt=clock_now()).exists():
        PotTotal.objects.all().delete()
    kept = {(row.asset_id, row.pot): row for row in PotTotal.objects.all()}
    since = next((row.until for row in kept.values()), None)
    if since is not None and since >= until:
        return
    programme = current_programme()
    fresh = []
    for (asset, pot), amount in _through_pots(since=since, until=until).items():
        row = kept.get((asset, pot))
        if row is None:
            fresh.append(
                PotTotal(programme=programme, asset_id=asset, pot=pot, amount=amount, until=until)
            )
        else:
            row.amount += amount
    PotTotal.objects.bulk_create(fresh)
    for row in kept.values():
        row.until = until
    PotTotal.objects.bulk_update(kept.values(), ["amount", "until"], batch_size=500)


def totals_off() -> list[tuple[str, int, int]]:
    """Totals that are not what their entries say: which, what is kept, what it should be."""
    kept = {(row.asset_id, row.pot): row for row in PotTotal.objects.select_related("asset")}
    if not kept:
        return []
    until = max(row.until for row in kept.values())
    told = _through_pots(since=None, until=until)
    found = [
        (f"{row.asset.code} through {row.pot}", row.amount, told.get(key, 0))
        for key, row in kept.items()
        if row.amount != told.get(key, 0) or row.until != until
    ]
    missed = {key: amount for key, amount in told.items() if key not in kept}
    return [*found, *((f"{pot} of asset {asset}", 0, n) for (asset, pot), n in missed.items())]


def _through_pots(*, since: datetime | None, until: datetime) -> dict[tuple[int, str], int]:
    """Sums by asset and pot of what was recorded from ``since`` on and before ``until``."""
    rows = Entry.objects.filter(transaction__recorded_at__lt=until)
    if since is not None:
        rows = rows.filter(transaction__recorded_at__gte=since)
    keys = "account__asset_id", "pot"
    summed = rows.values(*keys).annotate(total=Sum("amount")).order_by()
    return {(row["account__asset_id"], row["pot"]): row["total"] for row in summed}
