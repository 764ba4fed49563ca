"""What lends a book the rows it has not seen yet: the database, or a memory that knows all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from loyalty.ledger.states import EntryState, LotState

if TYPE_CHECKING:
    from loyalty.ledger.book import Book


class Source(Protocol):
    """Lends a book what is stored: each call adds to ``book.lots`` through ``book.know``."""

    def load_spendable(self, book: Book, asset: str, need: int) -> None:
        """Know lots in take order until ``need`` is covered or none is left."""

    def load_due(self, book: Book, asset: str, now: datetime) -> datetime | None:
        """Know every lot due at ``now``; answer when the next one after that is due."""

    def load_alive(self, book: Book, asset: str, since: datetime) -> None:
        """Know every lot that was alive at or after an instant, whatever is left of it."""

    def load_uncovered(self, book: Book, asset: str) -> list[EntryState]:
        """Debits that no lot has covered yet, oldest first."""

    def load_uses(self, book: Book, entry: EntryState) -> list[tuple[LotState, int]]:
        """What the debit took from each lot and has not been put back, in the order taken."""


class MemorySource:
    """A book that holds everything already has nothing to lend itself."""

    def load_spendable(self, book: Book, asset: str, need: int) -> None:
        return

    def load_due(self, book: Book, asset: str, now: datetime) -> datetime | None:
        return None

    def load_alive(self, book: Book, asset: str, since: datetime) -> None:
        return

    def load_uncovered(self, book: Book, asset: str) -> list[EntryState]:
        return []

    def load_uses(self, book: Book, entry: EntryState) -> list[tuple[LotState, int]]:
        return []
