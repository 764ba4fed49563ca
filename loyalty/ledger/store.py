"""Books from the database and back: what is loaded, and how a book is written in few statements.

``open_book`` needs the holder's row locked (``@command`` does that). ``write_books`` writes any
number of books at once, which is what makes imports fast.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Min, OuterRef, Q, Subquery, Sum

from loyalty.common.public_ids import new_id
from loyalty.ledger import chain
from loyalty.ledger.assets import asset as asset_of
from loyalty.ledger.assets import code_of
from loyalty.ledger.book import Book
from loyalty.ledger.models import Account, Entry, Lot, LotUse, Transaction
from loyalty.ledger.states import AccountState, EntryState, LotState, TransactionState
from loyalty.tenancy.models import Programme

_PAGE = 50
_LOT_FIELDS = (
    "ripens_at",
    "waits_for",
    "lapses_at",
    "expires_at",
    "expiry_term",
    "slides",
    "expired",
    "expired_offset",
)


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
    written: list[Transaction] = field(default_factory=list)


def open_book(*, holder_id: int, now: datetime) -> StoredBook:
    """The book of a locked holder. One query."""
    return open_books(holder_ids=[holder_id], now=now)[holder_id]


def open_books(*, holder_ids: Iterable[int], now: datetime) -> dict[int, StoredBook]:
    """The books of several locked holders, in one query."""
    last = Transaction.objects.filter(holder=OuterRef("holder")).order_by("-sequence")
    rows = Account.objects.filter(holder__in=list(holder_ids)).annotate(
        head=Subquery(last.values("hash")[:1]),
        sequence=Subquery(last.values("sequence")[:1]),
    )
    accounts: dict[int, list[Account]] = {holder_id: [] for holder_id in holder_ids}
    for row in rows:
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
    if rows:
        stored.sequence, stored.head = rows[0].sequence or 0, rows[0].head or ""
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
        rows = Lot.objects.filter(account=account_id, remaining__gt=0, is_pending=False).order_by(
            F("expires_at").asc(nulls_last=True), "opened_at", "id"
        )
        offset, have = 0, 0
        while have < need:
            page = list(rows[offset : offset + _PAGE])
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
        lots = Lot.objects.filter(pk__in=left)
        states = [book.know(lot_state(row, entry.asset)) for row in lots]
        return [(lot, left[lot.id]) for lot in sorted(states, key=lambda lot: lot.take_order)]

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
            entry.lot = stored.book.know(lot_state(row.lot, entry.asset))
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
        **{name: getattr(row, name) for name in _LOT_FIELDS},
    )


def write_books(
    books: Iterable[StoredBook], *, programme: Programme, recorded_at: datetime
) -> None:
    """Write everything the books gathered since they were opened or last written."""
    busy = [stored for stored in books if _has_news(stored.book)]
    _write_accounts(busy, recorded_at)
    _write_transactions(busy, programme, recorded_at)
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
    )


def _write_transactions(books: list[StoredBook], programme: Programme, at: datetime) -> None:
    states: list[TransactionState] = []
    rows: list[Transaction] = []
    for stored in books:
        for state in stored.book.transactions:
            states.append(state)
            rows.append(_transaction_row(stored, state, programme, at))
    for state, row in zip(states, Transaction.objects.bulk_create(rows), strict=True):
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
            transaction_id=entry.transaction.id if entry.transaction else None,
            account_id=stored.book.accounts[entry.asset].id,
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
        for debts in stored.book._uncovered.values()
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
            ).update(expires_at=expires_at)
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
        known[lot.order] = lot
    if old:
        Lot.objects.bulk_update(old, ["remaining", "is_pending", *_LOT_FIELDS])
    for _stored, lot in lots:
        lot.changed = False
    LotUse.objects.bulk_create(
        LotUse(
            programme_id=asset_of(use.lot.asset).programme_id,
            lot_id=use.lot.id,
            entry_id=use.entry.id,
            amount=use.amount,
        )
        for stored in books
        for use in stored.book.uses
    )


def _lot_row(stored: StoredBook, lot: LotState) -> Lot:
    return Lot(
        pk=lot.id,
        programme_id=asset_of(lot.asset).programme_id,
        account_id=stored.book.accounts[lot.asset].id,
        entry_id=lot.entry.id if lot.entry else None,
        amount=lot.amount,
        remaining=lot.remaining,
        opened_at=lot.opened_at,
        is_pending=lot.is_pending,
        **{name: getattr(lot, name) for name in _LOT_FIELDS},
    )
