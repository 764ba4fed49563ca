"""Does the ledger add up? Recomputes everything that is cached and every link of every chain.

Each check answers findings: sentences that name the row. An empty list is the only good answer.
The programme must be in scope. Sums are made by the database; chains are streamed, so memory stays
flat whatever the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce

from loyalty.ledger import chain
from loyalty.ledger.assets import code_of
from loyalty.ledger.figures import totals_off
from loyalty.ledger.models import Account, Entry, Lot, LotUse, Transaction

_MOST = 100  # findings told per check; the rest is counted


@dataclass
class Report:
    """What was looked at, and what was off."""

    transactions: int = 0
    entries: int = 0
    lots: int = 0
    accounts: int = 0
    chains: int = 0
    findings: list[str] = field(default_factory=list)


def verify() -> Report:
    """Check the ledger of the programme in scope."""
    report = Report(
        transactions=Transaction.objects.count(),
        entries=Entry.objects.count(),
        lots=Lot.objects.count(),
        accounts=Account.objects.count(),
    )
    checks: tuple[Callable[[], Iterator[str]], ...] = (
        _accounts_add_up,
        _lots_add_up,
        _entries_are_covered,
        _moves_balance,
        _running_balances,
        _nothing_is_overlooked,
        _totals_hold,
    )
    for check in checks:
        _tell(report, check())
    _tell(report, _chains_hold(report))
    return report


def _tell(report: Report, findings: Iterator[str]) -> None:
    for number, finding in enumerate(findings, start=1):
        if number > _MOST:
            report.findings.append("… and more of the same kind")
            return
        report.findings.append(finding)


Sums = dict[str, int]


def _summed(rows: QuerySet[Any], by: str, **sums: Sum) -> Iterator[tuple[int, Sums]]:
    """Sums by a key, in its order: one pass over the rows, whatever indexes there are."""
    keys = by, *sums
    found = rows.order_by(by).values(by).annotate(**sums).values_list(*keys)
    for key, *totals in found.iterator():
        yield key, {name: total or 0 for name, total in zip(sums, totals, strict=True)}


class _Beside:
    """Sums that are walked beside rows of the same order."""

    def __init__(self, sums: Iterator[tuple[int, Sums]]) -> None:
        self._sums = sums
        self._next = next(sums, None)

    def of(self, key: int) -> Sums:
        """The sums of a key; keys must be asked for in rising order."""
        while self._next is not None and self._next[0] < key:
            self._next = next(self._sums, None)
        return self._next[1] if self._next is not None and self._next[0] == key else {}


def _accounts_add_up() -> Iterator[str]:
    in_entries = _Beside(
        _summed(
            Entry.objects.all(),
            "account_id",
            balance=Sum("amount"),
            debt=Sum("uncovered"),
            earned=Sum("amount", filter=Q(pot="issued")),
            spent=Sum("amount", filter=Q(pot="redeemed")),
        )
    )
    in_lots = _Beside(
        _summed(
            Lot.objects.filter(remaining__gt=0),
            "account_id",
            held=Sum("remaining"),
            pending=Sum("remaining", filter=Q(is_pending=True)),
        )
    )
    for row in Account.objects.order_by("pk").iterator():
        told, lots = in_entries.of(row.pk), in_lots.of(row.pk)
        wanted = (
            told.get("balance", 0),
            told.get("debt", 0),
            lots.get("pending", 0),
            told.get("earned", 0),
            -told.get("spent", 0),
            row.balance + row.debt,
        )
        held = lots.get("held", 0)
        if wanted != (row.balance, row.debt, row.pending, row.earned, row.spent, held):
            yield (
                f"account {row.pk} ({code_of(row.asset_id)}): cached balance {row.balance}, debt "
                f"{row.debt}, pending {row.pending}, earned {row.earned}, spent {row.spent}; "
                f"entries say {wanted[0]}, uncovered {wanted[1]}, issued {wanted[3]}, redeemed "
                f"{wanted[4]}; lots hold {held}, pending {wanted[2]}"
            )
        if row.debt > 0 and row.balance > row.pending - row.debt:
            yield f"account {row.pk}: a debt of {row.debt} stands beside points that could fill it"


def _lots_add_up() -> Iterator[str]:
    gone = Q(entry__pot__in=["expired", "lapsed"])
    uses = _Beside(
        _summed(LotUse.objects.all(), "lot_id", used=Sum("amount"), gone=Sum("amount", filter=gone))
    )
    rows = Lot.objects.order_by("pk").values_list(
        "pk", "amount", "remaining", "expired", "entry__amount"
    )
    for pk, amount, remaining, expired, opened in rows.iterator():
        told = uses.of(pk)
        used, lapsed = told.get("used", 0), told.get("gone", 0)
        if (remaining, expired, amount) != (amount - used, lapsed, opened):
            yield (
                f"lot {pk}: of {amount} it has {remaining} left, {used} used, {expired} expired; "
                f"its uses say {lapsed} expired"
            )


def _entries_are_covered() -> Iterator[str]:
    uses = _Beside(_summed(LotUse.objects.all(), "entry_id", used=Sum("amount")))
    rows = (
        Entry.objects.order_by("pk")
        .values_list("pk", "amount", "uncovered", "pot", "lot__pk")
        .iterator()
    )
    for pk, amount, uncovered, pot, lot in rows:
        if lot is not None:
            if amount < 0 or uncovered > 0:
                yield f"entry {pk}: a debit opened a lot"
        elif pot != Entry.Pot.MOVED:
            used = uses.of(pk).get("used", 0)
            if amount != -used - uncovered:
                yield (f"entry {pk}: {amount}, but lots gave {used} and {uncovered} is uncovered")


def _moves_balance() -> Iterator[str]:
    """Lots that changed hands left one account and came to another, as much as they held."""
    moved = Entry.objects.filter(pot=Entry.Pot.MOVED).values("transaction__cause", "account__asset")
    for row in moved.annotate(total=Sum("amount")).exclude(total=0).iterator():
        yield f"move {row['transaction__cause']}: {row['total']} more came than left"


def _running_balances() -> Iterator[str]:
    running = Window(Sum("amount"), partition_by=[F("account")], order_by=F("id").asc())
    rows = Entry.objects.annotate(running=running).values_list("pk", "balance_after", "running")
    for pk, balance_after, total in rows.iterator():
        if balance_after != total:
            yield f"entry {pk}: balance after it {balance_after}, running sum {total}"


def _nothing_is_overlooked() -> Iterator[str]:
    due = Coalesce("lapses_at", "ripens_at")
    rows = (
        Lot.objects.filter(remaining__gt=0)
        .annotate(pending_due=due)
        .filter(
            Q(is_pending=True, pending_due__isnull=False)
            & (Q(account__due_at__isnull=True) | Q(account__due_at__gt=F("pending_due")))
            | Q(is_pending=False, expires_at__isnull=False)
            & (Q(account__due_at__isnull=True) | Q(account__due_at__gt=F("expires_at")))
        )
    )
    for pk in rows.values_list("pk", flat=True).iterator():
        yield f"lot {pk}: is due before its account will be looked at"


def _chains_hold(report: Report) -> Iterator[str]:
    codes = {pk: code_of(asset_id) for pk, asset_id in Account.objects.values_list("pk", "asset")}
    heads: dict[int, tuple[int, str]] = {}
    for holder_id, *link in Account.objects.values_list("holder", "chain_sequence", "chain_head"):
        heads[holder_id] = max(heads.get(holder_id, (0, "")), (link[0], link[1]))
    transactions = Transaction.objects.order_by("holder_id", "sequence").iterator()
    entries = (
        Entry.objects.order_by("transaction__holder_id", "transaction__sequence", "id")
        .values_list("transaction_id", "account_id", "amount", "pot", "reason")
        .iterator()
    )
    grouped = groupby(entries, key=lambda row: row[0])
    pending: tuple[int, list[Any]] | None = None
    for holder_id, rows in groupby(transactions, key=lambda row: row.holder_id):
        report.chains += 1
        head, sequence = "", 0
        for row in rows:
            if pending is None:
                found = next(grouped, None)
                pending = (found[0], list(found[1])) if found else None
            own: list[Any] = []
            if pending is not None and pending[0] == row.pk:
                own, pending = pending[1], None
            else:
                yield f"transaction {row.public_id}: has no entries"
            sequence += 1
            if row.sequence != sequence or row.previous_hash != head:
                yield f"transaction {row.public_id}: the chain of holder {holder_id} is broken"
            if row.hash != chain.link(row.previous_hash, _content(row, own, codes)):
                yield f"transaction {row.public_id}: its content does not match its hash"
            head, sequence = row.hash, row.sequence
        if heads.get(holder_id) != (sequence, head):
            yield f"holder {holder_id}: the newest link is not the one its accounts remember"


def _content(row: Transaction, entries: list[Any], codes: dict[int, str]) -> dict[str, object]:
    return chain.canonical(
        public_id=row.public_id,
        sequence=row.sequence,
        kind=row.kind,
        cause=row.cause,
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        entries=[(codes[account], amount, pot, why) for _t, account, amount, pot, why in entries],
    )


def _totals_hold() -> Iterator[str]:
    for which, kept, wanted in totals_off():
        yield f"total of {which}: {kept} is kept, entries say {wanted}"
