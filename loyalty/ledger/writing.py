"""Books into the database: any number of them in a handful of statements, which is what makes
imports fast. Rows are only ever inserted, but for what lots and accounts have left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loyalty.common.public_ids import new_id
from loyalty.ledger import chain
from loyalty.ledger.assets import asset as asset_of
from loyalty.ledger.book import Book
from loyalty.ledger.models import Account, Entry, Lot, LotUse, Transaction
from loyalty.ledger.states import AccountState, LotState, TransactionState
from loyalty.ledger.store import LOT_FIELDS, DatabaseSource, StoredBook
from loyalty.tenancy.models import Programme


def write_books(
    books: Iterable[StoredBook], *, programme: Programme, recorded_at: datetime
) -> None:
    """Write everything the books gathered since they were opened or last written."""
    busy = [stored for stored in books if _has_news(stored.book)]
    # The chain first, in memory: accounts remember its head.
    rows = [
        (state, _transaction_row(stored, state, programme, recorded_at))
        for stored in busy
        for state in stored.book.transactions
    ]
    _write_accounts(busy, recorded_at)
    _write_transactions(rows)
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
    if not changed:
        return
    # One statement for new and known accounts: they are unique by holder and asset.
    rows = Account.objects.bulk_create(
        [_account_row(stored, state, at) for stored, state in changed],
        update_conflicts=True,
        unique_fields=["holder", "asset"],
        update_fields=[
            "balance",
            "debt",
            "pending",
            "earned",
            "spent",
            "due_at",
            "moved_at",
            "chain_sequence",
            "chain_head",
        ],
    )
    for (stored, state), row in zip(changed, rows, strict=True):
        if state.id is None:
            state.id = row.pk
            if isinstance(stored.book.source, DatabaseSource):
                stored.book.source.opened(state.asset, row.pk)


def _account_row(stored: StoredBook, state: AccountState, at: datetime) -> Account:
    asset = asset_of(state.asset)
    return Account(
        programme_id=asset.programme_id,
        holder_id=stored.holder_id,
        asset=asset,
        balance=state.balance,
        debt=state.debt,
        pending=state.pending,
        earned=state.earned,
        spent=state.spent,
        due_at=state.due_at,
        moved_at=at,
        chain_sequence=stored.sequence,
        chain_head=stored.head,
    )


def _write_transactions(rows: list[tuple[TransactionState, Transaction]]) -> None:
    saved = Transaction.objects.bulk_create([row for _state, row in rows])
    for (state, _row), row in zip(rows, saved, strict=True):
        state.id = row.pk


def _transaction_row(
    stored: StoredBook, state: TransactionState, programme: Programme, at: datetime
) -> Transaction:
    stored.sequence += 1
    row = Transaction(
        programme=programme,
        public_id=new_id("txn"),
        holder_id=stored.holder_id,
        member_id=stored.member_id,
        merchant_id=stored.merchant_id,
        location_id=stored.location_id,
        command_id=stored.command_id,
        kind=state.kind,
        cause=state.cause,
        happened_at=state.happened_at,
        recorded_at=at,
        sequence=stored.sequence,
        previous_hash=stored.head,
    )
    row.hash = chain.link(
        stored.head,
        chain.canonical(
            public_id=row.public_id,
            sequence=row.sequence,
            kind=row.kind,
            cause=row.cause,
            happened_at=row.happened_at,
            recorded_at=row.recorded_at,
            entries=[(e.asset, e.amount, e.pot, e.reason) for e in state.entries],
        ),
    )
    stored.head = row.hash
    stored.written.append(row)
    return row


def _write_entries(books: list[StoredBook]) -> None:
    states = [(stored, entry) for stored in books for entry in stored.book.entries]
    rows = [
        Entry(
            programme_id=asset_of(entry.asset).programme_id,
            transaction_id=_saved(entry.transaction.id if entry.transaction else None),
            account_id=_saved(stored.book.accounts[entry.asset].id),
            amount=entry.amount,
            pot=entry.pot,
            uncovered=entry.uncovered,
            balance_after=entry.balance_after,
            reason=entry.reason,
            details=dict(entry.details),
            reverses_id=entry.reverses.id if entry.reverses and entry.reverses.id else None,
        )
        for stored, entry in states
    ]
    for (_stored, entry), row in zip(states, Entry.objects.bulk_create(rows), strict=True):
        entry.id = row.pk
        entry.changed = False
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
    old = [_lot_row(stored, lot) for stored, lot in lots if lot.id and lot.changed]
    new = [(stored, lot) for stored, lot in lots if lot.id is None]
    rows = Lot.objects.bulk_create([_lot_row(stored, lot) for stored, lot in new])
    for (stored, lot), row in zip(new, rows, strict=True):
        known = stored.book.lots[lot.asset]
        del known[lot.order]
        lot.id = lot.order = row.pk
        lot.entry_id = row.entry_id
        known[lot.order] = lot
    if old:
        # An upsert by id: one plain statement, where bulk_update builds a CASE for every value.
        Lot.objects.bulk_create(
            old,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["remaining", "is_pending", *LOT_FIELDS],
        )
    for _stored, lot in lots:
        lot.changed = False
    LotUse.objects.bulk_create(
        LotUse(
            programme_id=asset_of(use.lot.asset).programme_id,
            lot_id=_saved(use.lot.id),
            entry_id=_saved(use.entry.id),
            amount=use.amount,
        )
        for stored in books
        for use in stored.book.uses
    )


def _lot_row(stored: StoredBook, lot: LotState) -> Lot:
    row = Lot(
        pk=lot.id,
        programme_id=asset_of(lot.asset).programme_id,
        account_id=_saved(stored.book.accounts[lot.asset].id),
        amount=lot.amount,
        remaining=lot.remaining,
        opened_at=lot.opened_at,
        is_pending=lot.is_pending,
        **{name: getattr(lot, name) for name in LOT_FIELDS},
    )
    row.entry_id = _saved(lot.entry_id or (lot.entry.id if lot.entry else None))
    return row


def _saved(row_id: int | None) -> int:
    """An id that must be there by now."""
    assert row_id is not None
    return row_id
