"""Books into the database: any number of them in a handful of statements, which is what makes
imports fast. Rows are only ever inserted, but for what lots and accounts have left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any

from loyalty.common.public_ids import new_id
from loyalty.ledger import chain
from loyalty.ledger.assets import asset as asset_of
from loyalty.ledger.book import Book
from loyalty.ledger.models import Account, Entry, Lot, LotUse, Transaction
from loyalty.ledger.states import EntryState, LotState, TransactionState
from loyalty.ledger.store import LOT_FIELDS, DatabaseSource, StoredBook, WrittenTransaction
from loyalty.tenancy.inserts import Insert

_MOVING = "balance debt pending earned spent due_at"
_MARKS = "moved_at chain_sequence chain_head"
# One statement for new and known accounts: they are unique by holder and asset.
_ACCOUNTS = Insert(
    Account,
    f"holder_id asset_id {_MOVING} {_MARKS}",
    unique="holder_id asset_id",
    update=f"{_MOVING} {_MARKS}",
)
_TRANSACTIONS = Insert(
    Transaction,
    "public_id holder_id member_id merchant_id location_id kind cause reverses_id command_id "
    "happened_at recorded_at sequence previous_hash hash",
)
_ENTRIES = Insert(
    Entry,
    "transaction_id account_id amount pot uncovered balance_after reason details reverses_id",
)
_LOT_FIELDS = " ".join(LOT_FIELDS)
_LOT = f"account_id entry_id amount warned_days opened_at remaining is_pending {_LOT_FIELDS}"
_LOTS = Insert(Lot, _LOT)
# An upsert by key: one plain statement, where bulk_update builds a CASE for every value.
_KNOWN_LOTS = Insert(Lot, f"id {_LOT}", unique="id", update=f"remaining is_pending {_LOT_FIELDS}")
_USES = Insert(LotUse, "lot_id entry_id amount")

_moving = attrgetter(*_MOVING.split())
_lot_fields = attrgetter(*LOT_FIELDS)


def write_books(books: Iterable[StoredBook], *, recorded_at: datetime) -> None:
    """Write everything the books gathered since they were opened or last written."""
    busy = [stored for stored in books if _has_news(stored.book)]
    # The chain first, in memory: accounts remember its head.
    transactions = [
        (state, _chained(stored, state, entries, recorded_at))
        for stored in busy
        for state, entries in _by_transaction(stored.book)
    ]
    _write_accounts(busy, recorded_at)
    for (state, _row), key in zip(
        transactions, _TRANSACTIONS([row for _state, row in transactions]), strict=True
    ):
        state.id = key
    _write_entries(busy)
    _write_lots(busy)
    for stored in busy:
        _forget_news(stored.book)


def _has_news(book: Book) -> bool:
    return bool(book.entries or book.slid or any(a.changed for a in book.accounts.values()))


def _forget_news(book: Book) -> None:
    book.transactions, book.entries, book.uses, book.slid = [], [], [], {}
    for account in book.accounts.values():
        account.changed = False


def _write_accounts(books: list[StoredBook], at: datetime) -> None:
    changed = [
        (stored, state)
        for stored in books
        for state in stored.book.accounts.values()
        if state.changed
    ]
    keys = _ACCOUNTS(
        [
            (
                stored.holder_id,
                asset_of(state.asset).pk,
                *_moving(state),
                at,
                stored.sequence,
                stored.head,
            )
            for stored, state in changed
        ]
    )
    for (stored, state), key in zip(changed, keys, strict=True):
        if state.id is None:
            state.id = key
            if isinstance(stored.book.source, DatabaseSource):
                stored.book.source.opened(state.asset, key)


def _by_transaction(book: Book) -> list[tuple[TransactionState, list[EntryState]]]:
    """What began since the book was last written, each with its entries."""
    entries: dict[int, list[EntryState]] = {id(state): [] for state in book.transactions}
    for entry in book.entries:
        if id(entry.transaction) in entries:
            entries[id(entry.transaction)].append(entry)
    return [(state, entries[id(state)]) for state in book.transactions]


def _chained(
    stored: StoredBook, state: TransactionState, entries: list[EntryState], at: datetime
) -> tuple[Any, ...]:
    """The row of a transaction, which is the head of its holder's chain from now on."""
    public_id, previous = new_id("txn"), stored.head
    stored.sequence += 1
    stored.head = chain.link(
        previous,
        chain.canonical(
            public_id=public_id,
            sequence=stored.sequence,
            kind=state.kind,
            cause=state.cause,
            happened_at=state.happened_at,
            recorded_at=at,
            entries=[(e.asset, e.amount, e.pot, e.reason) for e in entries],
        ),
    )
    stored.written.append(WrittenTransaction(public_id, state.kind, state.cause))
    return (
        public_id,
        stored.holder_id,
        stored.member_id,
        stored.merchant_id,
        stored.location_id,
        state.kind,
        state.cause,
        None,
        stored.command_id,
        state.happened_at,
        at,
        stored.sequence,
        previous,
        stored.head,
    )


def _write_entries(books: list[StoredBook]) -> None:
    entries = [(stored, entry) for stored in books for entry in stored.book.entries]
    keys = _ENTRIES(
        [
            (
                _saved(entry.transaction.id if entry.transaction else None),
                _saved(stored.book.accounts[entry.asset].id),
                entry.amount,
                entry.pot,
                entry.uncovered,
                entry.balance_after,
                entry.reason,
                dict(entry.details),
                entry.reverses.id if entry.reverses else None,
            )
            for stored, entry in entries
        ]
    )
    for (_stored, entry), key in zip(entries, keys, strict=True):
        entry.id, entry.changed = key, False
        if entry.lot is not None and entry.lot.id is None:
            entry.lot.entry_id = key
    filled = [
        debt
        for stored in books
        for debts in stored.book.debts.values()
        for debt in debts
        if debt.changed and debt.id
    ]
    if filled:
        Entry.objects.bulk_update(
            [Entry(pk=debt.id, uncovered=debt.uncovered) for debt in filled],
            ["uncovered"],
        )


def _write_lots(books: list[StoredBook]) -> None:
    for stored in books:
        for asset, expires_at in stored.book.slid.items():
            Lot.objects.filter(
                account=stored.book.accounts[asset].id,
                slides=True,
                is_pending=False,
                remaining__gt=0,
                expires_at__lt=expires_at,
            ).update(expires_at=expires_at, warned_days=None)
    lots = [
        (stored, lot)
        for stored in books
        for lots in stored.book.lots.values()
        for lot in lots.values()
    ]
    _KNOWN_LOTS(
        [(lot.id, *_lot_row(stored, lot)) for stored, lot in lots if lot.id and lot.changed]
    )
    new = [(stored, lot) for stored, lot in lots if lot.id is None]
    rows = [_lot_row(stored, lot) for stored, lot in new]
    for (stored, lot), key in zip(new, _LOTS(rows), strict=True):
        known = stored.book.lots[lot.asset]
        del known[lot.order]
        lot.id = lot.order = key
        known[lot.order] = lot
    for _stored, lot in lots:
        lot.changed = False
    _USES(
        [
            (_saved(use.lot.id), _saved(use.entry.id), use.amount)
            for stored in books
            for use in stored.book.uses
        ]
    )


def _lot_row(stored: StoredBook, lot: LotState) -> tuple[Any, ...]:
    return (
        _saved(stored.book.accounts[lot.asset].id),
        _saved(lot.entry_id),
        lot.amount,
        None,
        lot.opened_at,
        lot.remaining,
        lot.is_pending,
        *_lot_fields(lot),
    )


def _saved(row_id: int | None) -> int:
    """An id that must be there by now."""
    assert row_id is not None
    return row_id
