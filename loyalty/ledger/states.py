"""The plain values a :class:`~loyalty.ledger.book.Book` works on: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loyalty.common.values import Value, value

FOREVER = datetime.max.replace(tzinfo=UTC)


@value
class LotTerms(Value):
    """When a credit may be spent and when it dies. All instants aware.

    Args:
        ripens_at: pending until then; ``None`` with ``waits_for`` pends until the event comes.
        waits_for: name of the event a pending lot waits for.
        lapses_at: deadline of that event; the lot dies when it never came.
        expires_at: the lot dies then; ``None`` never (or not known before it ripens).
        expiry_term: how to find the expiry when an event ripens the lot.
        slides: the expiry moves on with the holder's activity.
        opened_at: age of the lot where it is not the moment of the posting (merge, opening).
    """

    ripens_at: datetime | None = None
    waits_for: str = ""
    lapses_at: datetime | None = None
    expires_at: datetime | None = None
    expiry_term: Mapping[str, Any] | None = None
    slides: bool = False
    opened_at: datetime | None = None


@dataclass(slots=True)
class AccountState:
    """One asset of the holder. ``balance`` includes what is pending; ``due_at`` may be early."""

    asset: str
    id: int | None = None
    balance: int = 0
    debt: int = 0
    pending: int = 0
    earned: int = 0
    spent: int = 0
    due_at: datetime | None = None
    changed: bool = False

    def copy(self) -> AccountState:
        """As it is now; what moves later does not show in it."""
        return AccountState(
            self.asset,
            self.id,
            self.balance,
            self.debt,
            self.pending,
            self.earned,
            self.spent,
            self.due_at,
            self.changed,
        )

    @property
    def available(self) -> int:
        """What can be spent now; negative while there is a debt."""
        return self.balance - self.pending


@dataclass(slots=True, eq=False)
class TransactionState:
    """What moves together; ``cause`` is the public id of what made it move.

    Entries know their transaction, and lots are known by their entries, never the other way round:
    a book that is let go is gone at once, and nothing waits for the collector of cycles.
    """

    kind: str
    cause: str
    happened_at: datetime
    has_begun: bool = False
    id: int | None = None


@dataclass(slots=True, eq=False)
class EntryState:
    """A signed amount, its pot, and why."""

    transaction: TransactionState | None
    asset: str
    amount: int
    pot: str
    reason: str
    details: Mapping[str, Any]
    balance_after: int = 0
    uncovered: int = 0
    id: int | None = None
    lot: LotState | None = None
    reverses: EntryState | None = None
    changed: bool = False


@dataclass(slots=True, eq=False)
class LotState:
    """What one credit brought and what is left of it. ``order`` breaks ties: age of the row."""

    asset: str
    amount: int
    remaining: int
    opened_at: datetime
    order: int
    is_pending: bool = False
    ripens_at: datetime | None = None
    waits_for: str = ""
    lapses_at: datetime | None = None
    expires_at: datetime | None = None
    expiry_term: Mapping[str, Any] | None = None
    slides: bool = False
    expired: int = 0
    expired_offset: int = 0
    id: int | None = None
    entry_id: int | None = None
    changed: bool = False
    # Stayed with another holder: known only for its dates.
    is_elsewhere: bool = False

    def slide_to(self, expires_at: datetime) -> bool:
        """Live on until then, if it lives from activity to activity; never shorter than before."""
        if not (self.slides and self.remaining and not self.is_pending):
            return False
        if self.expires_at is None or self.expires_at >= expires_at:
            return False
        self.expires_at = expires_at
        return True

    @property
    def take_order(self) -> tuple[datetime, datetime, int]:
        """Soonest expiry first, then oldest, then the order they were written in."""
        return (self.expires_at or FOREVER, self.opened_at, self.order)

    @property
    def due_at(self) -> datetime | None:
        """The next instant at which something happens to this lot by itself."""
        if self.remaining == 0:
            return None
        if not self.is_pending:
            return self.expires_at
        return self.lapses_at if self.waits_for else self.ripens_at


@dataclass(slots=True)
class UseState:
    """How much of a lot an entry took; negative where it put it back."""

    lot: LotState
    entry: EntryState
    amount: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Outcome of a claw-back: all three add up to what was asked."""

    entry: EntryState | None
    posted: int
    offset_by_expiry: int
    written_off: int


@dataclass(frozen=True, slots=True)
class Ripened:
    """Points that became available while settling."""

    asset: str
    amount: int
    at: datetime
