"""The world a mechanic's effects are applied to: one interface, two implementations.

:class:`~loyalty.engine.memory.MemoryWorld` serves previews, back-tests and property tests,
``DatabaseWorld`` (in ``database.py``) serves live. Both run the ledger's :class:`Book`; they differ in where facts, usage
counters and vouchers come from and go to. A mechanic cannot tell which it is in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from loyalty.engine.activity import ActivityData
from loyalty.engine.effects import Applied, Undone
from loyalty.engine.status import Status
from loyalty.ledger.book import Book
from loyalty.ledger.states import TransactionState


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A programme's policies, as plain values."""

    programme_id: int
    currency: str
    timezone: str
    language: str
    refund_policy: str
    spent_points_policy: str
    partial_refund_policy: str
    multiplier_stacking: str
    earn_on_tax: bool
    rules_version: int


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """What rules may know about a member, as plain values."""

    public_id: str
    joined_at: datetime
    birthday: date | None = None
    gender: str = ""
    language: str = "vi"
    tags: tuple[str, ...] = ()
    state: str = "active"
    # Where they live, as far as they said; empty: the programme's own zone.
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """How often a rule fired and how much it gave, less what was undone."""

    count: int
    amount: int


# The stretches of days up to an activity that rules may ask about; 0 is for ever.
WINDOWS = (0, 30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class Bought:
    """What a member bought within so many days: bills not wholly given back, what their goods were
    worth less refunds (in minor units), and when the last one was.
    """

    count: int = 0
    net_minor: int = 0
    last_at: datetime | None = None


class Deed(NamedTuple):
    """Something done before, as memory keeps it; of a sale what its goods were worth, and refunds."""

    at: datetime
    type: str
    key: str = ""
    net_minor: int = 0
    refunded_minor: int = 0
    is_back: bool = False


class Grants(Protocol):
    """Where vouchers are issued. The catalogue brings the live one."""

    def issue(self, *, reward: str, rule: str, reason: str, details: Mapping[str, Any]) -> str:
        """Issue a voucher for the reward; answers the voucher's public id."""

    def unused(self, *, rule: str) -> list[str]:
        """Vouchers a rule granted that nobody had anything of, newest first."""

    def revoke(self, voucher: str) -> bool:
        """Void an unused voucher; answers whether it is void now (also when it was before)."""

    def find(self, code: str) -> VoucherView:
        """The voucher of a code, usable now by this member. Raises ``Refused`` or ``NotFound``."""

    def use(self, voucher: str, *, cause: str) -> None:
        """Mark a voucher used: exactly once, whoever else tries."""

    def restore(self, voucher: str) -> None:
        """Make a used voucher usable again (its purchase was refunded)."""

    def take_news(self) -> list[tuple[str, dict[str, Any]]]:
        """What the outside must hear of what was written: event types with their data."""


@dataclass(frozen=True, kw_only=True)
class VoucherView:
    """What a voucher is worth at the till.

    ``kind`` is ``amount`` (``value_minor`` off), ``percent`` (``value_bp``, at most ``cap_minor``)
    or ``product`` (one unit of a product in ``skus`` or ``categories`` free, at most ``cap_minor``);
    other kinds take nothing off a bill.
    """

    public_id: str
    reward: str
    name: str
    kind: str
    value_minor: int = 0
    value_bp: int = 0
    cap_minor: int | None = None
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    minimum_minor: int = 0


class World:
    """What both worlds share: the book, the clock, the member, the current transaction."""

    def __init__(
        self,
        *,
        terms: Terms,
        member: MemberView,
        book: Book,
        grants: Grants,
        now: datetime,
    ) -> None:
        self.terms = terms
        self.member = member
        # Public ids of all cards that stand as this one.
        self.cards = frozenset({member.public_id})
        self.book = book
        self.grants = grants
        self.now = now
        self.activity: ActivityData | None = None
        self.cause, self.undo_reason = "", "refund"
        self.happened_at = now
        self._open: dict[str, TransactionState] = {}
        self._besides: list[Undone] = []
        self._statuses: dict[str, Status] | None = None
        self._changed_statuses: set[str] = set()
        self._bought: Mapping[int, Bought] | None = None
        # What was worked out for the present activity and holds all along it.
        self.lasting: dict[Any, Any] = {}
        self.news: list[tuple[str, dict[str, Any]]] = []

    def about(self, cause: str, happened_at: datetime) -> None:
        """What moves from here on is caused by this: new transactions begin."""
        self.cause, self.happened_at = cause, happened_at
        self._open, self._bought, self.lasting = {}, None, {}

    def transaction(self, kind: str) -> TransactionState:
        """The open transaction of this kind, of the present cause."""
        known = self._open.get(kind)
        if known is None:
            known = self.book.begin(kind, cause=self.cause, happened_at=self.happened_at)
            self._open[kind] = known
        return known

    def status(self, name: str) -> Status | None:
        """Where the member stands with a mechanic; ``None`` where nothing is known."""
        if self._statuses is None:
            self._statuses = self.load_statuses()
        return self._statuses.get(name)

    def set_status(self, name: str, status: Status) -> None:
        """Say where the member stands from now on; kept with everything else of the command."""
        self.status(name)
        assert self._statuses is not None
        self._statuses[name] = status
        self._changed_statuses.add(name)
        self.lasting.clear()

    def load_statuses(self) -> dict[str, Status]:
        """All statuses of the member. One query where there is a database."""
        return {}

    def bought(self, days: int = 0) -> Bought:
        """What the member bought in the days (one of ``WINDOWS``) up to the present activity, itself
        apart. One query for all of them.
        """
        if self._bought is None:
            self._bought = self.load_bought()
        return self._bought[days]

    def load_bought(self) -> Mapping[int, Bought]:
        """What the member bought before, by window."""
        raise NotImplementedError

    def tell(self, event: str, **data: Any) -> None:
        """Say what the outside must hear once this is committed; ``data`` as in the outbox."""
        self.news.append((event, data))

    def used(self, *rules: str, since: datetime | None) -> Usage:
        """How often and how much a rule (in all its versions) gave this member since an instant
        (``None``: ever).
        """
        raise NotImplementedError

    def used_by_all(self, *rules: str, since: datetime | None) -> Usage:
        """The same over all members of the programme."""
        raise NotImplementedError

    def budget_left(self, rule: str) -> int | None:
        """What a rule may still give in all; ``None`` where it has no budget."""
        raise NotImplementedError

    def activities(self, type: str, *, since: datetime | None) -> int:
        """How many activities of a type the member did before this one."""
        raise NotImplementedError

    def note(self, applied: Applied, *, at: datetime) -> None:
        """Keep the record of an applied effect."""
        raise NotImplementedError

    def standing(self, *, kind: str, asset: str) -> list[Applied]:
        """The holder's effects of a kind on an asset that are not undone, newest first."""
        raise NotImplementedError

    def granted(self, voucher: str) -> Applied | None:
        """The effect that granted a voucher, if an effect did."""
        raise NotImplementedError

    def note_undone(self, applied: Applied, amount: int) -> None:
        """Keep how much more of an effect was undone (the database does: ``save_undone``)."""
        applied.undone += amount

    def undo_besides(self, applied: Applied, amount: int) -> None:
        """Say that an effect fell with another one, so that its record is kept right."""
        self.note_undone(applied, amount)
        self._besides.append(Undone(applied, amount))

    def take_besides(self) -> list[Undone]:
        """What fell besides since this was last asked."""
        fallen, self._besides = self._besides, []
        return fallen
