"""Lots that change hands whole: duplicates merged, households joined and left.

A lot keeps its row, its dates and everything that was ever taken from it; only the account it
stands in changes. So a refund of an old purchase still finds the very lot it opened, wherever that
is now. Each side gets one entry per asset through the pot ``moved``; debts go as an ordinary credit
here and debit there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from loyalty.ledger.models import Entry, Lot
from loyalty.ledger.states import LotState, TransactionState
from loyalty.ledger.store import StoredBook, lot_state
from loyalty.ledger.writing import write_books


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How much of one asset changed hands, in units of the asset; ``debt`` likewise."""

    asset: str
    amount: int
    debt: int


def move_lots(
    source: StoredBook,
    target: StoredBook,
    *,
    cause: str,
    reason: str,
    owners: Sequence[int] | None = None,
) -> list[Moved]:
    """Move lots and debts from one locked holder to another, and write both books.

    Args:
        cause: public id of what made them move; ``reason`` its code on both statements.
        owners: keys of the members whose own lots and debts go; ``None`` moves everything.
    """
    assert source.holder_id != target.holder_id
    at = source.book.now
    out = source.book.begin("merge", cause=cause, happened_at=at)
    into = target.book.begin("merge", cause=cause, happened_at=at)
    moved = []
    known = {one.id: one.asset for one in source.book.accounts.values() if one.id}
    for account_id, asset in known.items():
        source.book.settle(asset)
        target.book.settle(asset)
        lots = _open_lots(source, account_id, asset, owners)
        debt = _own_debt(account_id, owners)
        amount = _take_out(source, out, asset, lots, reason)
        _put_in(target, into, asset, lots, reason)
        if debt:
            source.book.credit(out, asset, debt, pot="transfer", reason=reason)
            target.book.debit(into, asset, debt, pot="transfer", reason=reason, allow_debt=True)
        if amount or debt:
            moved.append(Moved(asset=asset, amount=amount, debt=debt))
        # The target needs a row even for empty lots: something may yet be put back into them.
        target.book.account(asset).changed = True
    write_books([source, target], recorded_at=at)
    for account_id, asset in known.items():
        _lots_of(account_id, owners).update(account=target.book.accounts[asset].id)
    return moved


def _lots_of(account_id: int, owners: Sequence[int] | None) -> QuerySet[Lot]:
    rows: QuerySet[Lot] = Lot.objects.filter(account=account_id)
    return rows if owners is None else rows.filter(entry__transaction__member__in=owners)


def _open_lots(
    source: StoredBook, account_id: int, asset: str, owners: Sequence[int] | None
) -> list[LotState]:
    rows = _lots_of(account_id, owners).filter(remaining__gt=0)
    states = (source.book.know(lot_state(row, asset)) for row in rows)
    # What the book has settled meanwhile may be empty by now.
    return sorted((lot for lot in states if lot.remaining), key=lambda lot: lot.take_order)


def _own_debt(account_id: int, owners: Sequence[int] | None) -> int:
    rows = Entry.objects.filter(account=account_id, uncovered__gt=0)
    if owners is not None:
        rows = rows.filter(transaction__member__in=owners)
    return rows.aggregate(total=Sum("uncovered"))["total"] or 0


def _take_out(
    source: StoredBook,
    transaction: TransactionState,
    asset: str,
    lots: list[LotState],
    reason: str,
) -> int:
    amount = sum(lot.remaining for lot in lots)
    if amount:
        account = source.book.account(asset)
        source.book._post(transaction, account, -amount, "moved", reason, None)
        account.pending -= sum(lot.remaining for lot in lots if lot.is_pending)
        for lot in lots:
            del source.book.lots[asset][lot.order]
    return amount


def _put_in(
    target: StoredBook,
    transaction: TransactionState,
    asset: str,
    lots: list[LotState],
    reason: str,
) -> None:
    amount = sum(lot.remaining for lot in lots)
    if not amount:
        return
    account = target.book.account(asset)
    target.book._post(transaction, account, amount, "moved", reason, None)
    for lot in lots:
        target.book.know(lot)
        target.book._watch(account, lot)
        if lot.is_pending:
            account.pending += lot.remaining
        else:
            target.book._fill_debt(account, lot)
