"""Books from the database: what is loaded, and when. ``open_book`` needs the holder's row locked
(``@command`` does that); :mod:`loyalty.ledger.writing` is the way back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Min, Q, QuerySet, Sum

from loyalty.ledger.assets import code_of
from loyalty.ledger.book import Book
from loyalty.ledger.models import Account, Entry, Lot, LotUse
from loyalty.ledger.states import AccountState, EntryState, LotState
from loyalty.tenancy.statements import Read

_PAGE = 50
_ACCOUNTS: Read[Account] = Read(lambda holder_id: Account.objects.filter(holder=holder_id))


def _spendable(account: Any) -> QuerySet[Lot]:
    """The lots of an account that can be spent, in the order they are taken."""
    rows = Lot.objects.filter(account=account, remaining__gt=0, is_pending=False)
    return rows.order_by(F("expires_at").asc(nulls_last=True), "opened_at", "id")


_FIRST_SPENDABLE: Read[Lot] = Read(lambda account: _spendable(account)[:_PAGE])
LOT_FIELDS = (
    "ripens_at",
    "waits_for",
    "lapses_at",
    "expires_at",
    "expiry_term",
    "slides",
    "expired",
    "expired_offset",
)


class WrittenTransaction(NamedTuple):
    """What the outside is told of a transaction."""

    public_id: str
    kind: str
    cause: str


@dataclass(kw_only=True)
class StoredBook:
    """A book with its place in the database and the head of its hash chain."""

    holder_id: int
    book: Book
    sequence: int = 0
    head: str = ""
    member_id: int | None = None
    merchant_id: int | None = None
    location_id: int | None = None
    command_id: int | None = None
    written: list[WrittenTransaction] = field(default_factory=list)


def open_book(*, holder_id: int, now: datetime) -> StoredBook:
    """The book of a locked holder. One query."""
    return _book_of(holder_id, _ACCOUNTS(holder_id=holder_id), now)


def open_books(*, holder_ids: Iterable[int], now: datetime) -> dict[int, StoredBook]:
    """The books of several locked holders, in one query."""
    accounts: dict[int, list[Account]] = {holder_id: [] for holder_id in holder_ids}
    for row in Account.objects.filter(holder__in=list(accounts)):
        accounts[row.holder_id].append(row)
    return {holder_id: _book_of(holder_id, rows, now) for holder_id, rows in accounts.items()}


def _book_of(holder_id: int, rows: list[Account], now: datetime) -> StoredBook:
    states = [
        AccountState(
            code_of(row.asset_id),
            row.pk,
            row.balance,
            row.debt,
            row.pending,
            row.earned,
            row.spent,
            row.due_at,
        )
        for row in rows
    ]
    source = DatabaseSource(account_ids={state.asset: state.id for state in states if state.id})
    stored = StoredBook(holder_id=holder_id, book=Book(accounts=states, source=source, now=now))
    for row in rows:
        if row.chain_sequence > stored.sequence:
            stored.sequence, stored.head = row.chain_sequence, row.chain_head
    return stored


class DatabaseSource:
    """Lends a book the stored lots and debts it asks for."""

    def __init__(self, *, account_ids: dict[str, int]) -> None:
        self._account_ids = account_ids
        self._entries: dict[int, EntryState] = {}
        self._exhausted: set[str] = set()

    def opened(self, asset: str, account_id: int) -> None:
        """An account of this book got its row."""
        self._account_ids[asset] = account_id

    def load_spendable(self, book: Book, asset: str, need: int) -> None:
        account_id = self._account_ids.get(asset)
        if account_id is None or asset in self._exhausted:
            return
        offset, have = 0, 0
        while have < need:
            page = (
                list(_spendable(account_id)[offset : offset + _PAGE])
                if offset
                else _FIRST_SPENDABLE(account=account_id)
            )
            have += sum(book.know(lot_state(row, asset)).remaining for row in page)
            offset += _PAGE
            if len(page) < _PAGE:
                self._exhausted.add(asset)
                return

    def load_due(self, book: Book, asset: str, now: datetime) -> datetime | None:
        account_id = self._account_ids.get(asset)
        if account_id is None:
            return None
        open_lots = Lot.objects.filter(account=account_id, remaining__gt=0)
        due = (
            Q(is_pending=True, waits_for="", ripens_at__lte=now)
            | Q(is_pending=True, lapses_at__lte=now)
            | Q(is_pending=False, expires_at__lte=now)
        )
        for row in open_lots.filter(due):
            book.know(lot_state(row, asset))
        later = open_lots.exclude(due).aggregate(
            ripens=Min("ripens_at", filter=Q(is_pending=True, waits_for="")),
            lapses=Min("lapses_at", filter=Q(is_pending=True)),
            expires=Min("expires_at", filter=Q(is_pending=False, expires_at__gt=now)),
        )
        return min((at for at in later.values() if at is not None), default=None)

    def load_alive(self, book: Book, asset: str, since: datetime) -> None:
        account_id = self._account_ids.get(asset)
        if account_id is None:
            return
        lived = Q(expires_at__isnull=True) | Q(expires_at__gte=since)
        for row in Lot.objects.filter(lived, account=account_id):
            book.know(lot_state(row, asset))

    def load_uncovered(self, book: Book, asset: str) -> list[EntryState]:
        account_id = self._account_ids.get(asset)
        if account_id is None:
            return []
        rows = Entry.objects.filter(account=account_id, uncovered__gt=0).order_by("id")
        return [self.entry(row, asset) for row in rows]

    def load_uses(self, book: Book, entry: EntryState) -> list[tuple[LotState, int]]:
        rows = (
            LotUse.objects.filter(Q(entry=entry.id) | Q(entry__reverses=entry.id))
            .values("lot")
            .annotate(left=Sum("amount"))
        )
        left = {row["lot"]: row["left"] for row in rows if row["left"]}
        states = [self.lot(book, row, entry.asset) for row in Lot.objects.filter(pk__in=left)]
        lots = sorted(states, key=lambda lot: lot.take_order)
        if any(lot.is_elsewhere for lot in lots):
            anew = Entry.objects.filter(reverses=entry.id, lot__isnull=False)
            returned = anew.aggregate(total=Sum("amount"))["total"] or 0
            for lot in [lot for lot in reversed(lots) if lot.is_elsewhere]:
                part = min(left[lot.order], returned)
                left[lot.order] -= part
                returned -= part
        return [(lot, left[lot.order]) for lot in lots]

    def lot(self, book: Book, row: Lot, asset: str) -> LotState:
        """A stored lot; one that stayed with another holder is empty as far as this book goes."""
        state = lot_state(row, asset)
        if row.account_id in self._account_ids.values():
            return book.know(state)
        state.is_elsewhere = True
        state.remaining = state.expired = state.expired_offset = 0
        return state

    def entry(self, row: Entry, asset: str) -> EntryState:
        """A stored entry as a state, the same object each time."""
        if row.pk not in self._entries:
            self._entries[row.pk] = EntryState(
                None,
                asset,
                row.amount,
                row.pot,
                row.reason,
                row.details,
                row.balance_after,
                row.uncovered,
                row.pk,
            )
        return self._entries[row.pk]


def stored_entries(stored: StoredBook, ids: Iterable[int]) -> dict[int, EntryState]:
    """Stored entries (credits with their lots), to take or give back. One query."""
    source = stored.book.source
    assert isinstance(source, DatabaseSource)
    found = {}
    for row in Entry.objects.select_related("lot", "account").filter(pk__in=list(ids)):
        entry = found[row.pk] = source.entry(row, code_of(row.account.asset_id))
        if entry.lot is None and hasattr(row, "lot"):
            entry.lot = source.lot(stored.book, row.lot, entry.asset)
    return found


def lot_state(row: Lot, asset: str) -> LotState:
    """A stored lot as a plain value; its row number is its order."""
    return LotState(
        asset,
        row.amount,
        row.remaining,
        row.opened_at,
        row.pk,
        is_pending=row.is_pending,
        id=row.pk,
        entry_id=row.entry_id,
        **{name: getattr(row, name) for name in LOT_FIELDS},
    )
