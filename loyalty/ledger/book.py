"""One holder's book: all arithmetic of the ledger, on plain values.

The database and the memory world run this very code; they differ in the :class:`Source` that lends
the book what it has not seen yet, and in what is done with what it wrote. What must stay true:

* ``balance`` = sum of entries = what lots hold - ``debt``;
* a debt exists only while no lot can be spent: spendable points fill it at once;
* a pending lot is untouchable, except by taking back the very credit that opened it;
* a lot's ``amount`` = ``remaining`` + the sum of its uses.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from loyalty.ledger.errors import MOST_UNITS, insufficient, too_many
from loyalty.ledger.source import Source
from loyalty.ledger.states import (
    AccountState,
    EntryState,
    LotState,
    LotTerms,
    Ripened,
    TakenBack,
    TransactionState,
    UseState,
)

NOW = LotTerms()
_BEHIND = 1 << 62


class Book:
    """Everything one holder owns, and what is being written to it."""

    def __init__(self, *, accounts: Iterable[AccountState], source: Source, now: datetime) -> None:
        self.accounts = {account.asset: account for account in accounts}
        self.source = source
        self.now = now
        self.lots: dict[str, dict[int, LotState]] = {}
        self.transactions: list[TransactionState] = []
        self.entries: list[EntryState] = []
        self.uses: list[UseState] = []
        self.ripened: list[Ripened] = []
        self.slid: dict[str, datetime] = {}
        self.debts: dict[str, list[EntryState]] = {}
        self._new_lots = 0

    # --- reading -------------------------------------------------------------------------------

    def account(self, asset: str) -> AccountState:
        """The holder's account of an asset, opened when it is first asked for."""
        account = self.accounts.get(asset)
        if account is None:
            account = self.accounts[asset] = AccountState(asset)
        return account

    def available(self, asset: str) -> int:
        """What can be spent now; negative while there is a debt. Settles what is due first."""
        account = self.settle(asset)
        return account.balance - account.pending

    def know(self, lot: LotState) -> LotState:
        """Take a stored lot in, once: a lot the book already knows keeps its state."""
        if lot.id and lot.asset in self.slid:
            lot.slide_to(self.slid[lot.asset])
        return self.lots.setdefault(lot.asset, {}).setdefault(lot.order, lot)

    # --- writing -------------------------------------------------------------------------------

    def begin(self, kind: str, *, cause: str, happened_at: datetime) -> TransactionState:
        """A transaction to post entries in; it joins the book with its first entry."""
        return TransactionState(kind, cause, happened_at)

    def credit(
        self,
        transaction: TransactionState,
        asset: str,
        amount: int,
        *,
        pot: str = "issued",
        reason: str,
        details: Mapping[str, Any] | None = None,
        terms: LotTerms = NOW,
    ) -> EntryState:
        """Add ``amount`` > 0 as a new lot; what is spendable fills a debt at once."""
        assert amount > 0, amount
        account = self.settle(asset)
        entry = self._post(transaction, account, amount, pot, reason, details)
        now, ripens_at = self.now, terms.ripens_at
        pending = bool(terms.waits_for or (ripens_at and ripens_at > now))
        # Behind every stored lot: rows are numbered far below this.
        self._new_lots += 1
        order = _BEHIND + self._new_lots
        lot = entry.lot = LotState(
            asset,
            amount,
            amount,
            terms.opened_at or now,
            order,
            pending,
            ripens_at if pending else None,  # what it ripens by counts only while it is pending
            terms.waits_for,
            terms.lapses_at,
            terms.expires_at,
            terms.expiry_term,
            terms.slides,
        )
        self.lots.setdefault(asset, {})[order] = lot
        if pot == "issued":
            account.earned += amount
        if pending:
            account.pending += amount
        elif account.debt:
            self._fill_debt(account, lot)
        due = lot.due_at if pending else lot.expires_at
        if due is not None:
            if account.due_at is None or due < account.due_at:
                account.due_at = due
            if due <= now:
                # An old receipt may bring a lot that is over already: it expires in the same breath.
                self.settle(asset)
        return entry

    def debit(
        self,
        transaction: TransactionState,
        asset: str,
        amount: int,
        *,
        pot: str = "redeemed",
        reason: str,
        details: Mapping[str, Any] | None = None,
        allow_debt: bool = False,
        field: str = "",
    ) -> EntryState:
        """Take ``amount`` > 0 from lots, soonest expiry first.

        Raises ``Refused`` (``insufficient_balance`` at ``field``, with ``missing``) when it is not there.
        """
        assert amount > 0, amount
        account = self.settle(asset)
        if not allow_debt and account.available < amount:
            raise insufficient(asset, amount, account.available, field=field)
        entry = self._post(transaction, account, -amount, pot, reason, details)
        self._cover(account, entry, amount)
        if pot == "redeemed":
            account.spent += amount
        return entry

    def take_back(
        self,
        transaction: TransactionState,
        credit: EntryState,
        amount: int,
        *,
        reason: str,
        details: Mapping[str, Any] | None = None,
        write_off: bool = False,
    ) -> TakenBack:
        """Undo ``amount`` > 0 of a credit: from its own lot, then others, then as a debt.

        What has already expired out of that lot is not charged a second time. With ``write_off``
        the part nobody can pay is forgiven by a visible entry in place of a debt.
        """
        assert amount > 0 and credit.lot is not None
        account, lot = self.settle(credit.asset), credit.lot
        own = min(lot.remaining, amount)
        offset = min(amount - own, lot.expired - lot.expired_offset)
        if offset:
            lot.expired_offset += offset
            # The account too: a refund that posts nothing must be written all the same.
            lot.changed = account.changed = True
        posted = amount - offset
        if posted == 0:
            return TakenBack(None, 0, offset, 0)
        entry = self._post(transaction, account, -posted, credit.pot, reason, details)
        entry.reverses = credit
        if credit.pot == "issued":
            account.earned -= posted
        if own:
            if lot.is_pending:
                account.pending -= own
            self._use(lot, entry, own)
        before = account.debt
        self._cover(account, entry, posted - own)
        short = account.debt - before
        if short and write_off:
            why = "written_off"
            self.credit(transaction, credit.asset, short, pot=why, reason=why)
            return TakenBack(entry, posted, offset, short)
        return TakenBack(entry, posted, offset, 0)

    def give_back(
        self,
        transaction: TransactionState,
        debit: EntryState,
        amount: int,
        *,
        reason: str,
        details: Mapping[str, Any] | None = None,
    ) -> EntryState:
        """Put ``amount`` > 0 of a debit back into the very lots it came from, last taken first.

        The lots keep their first expiry dates; what is past its date expires again at once. A lot
        that stayed with another holder (a household was left) comes back as a new one of its age.
        """
        assert amount > 0
        account = self.settle(debit.asset)
        plan, left = [], amount
        for lot, used in reversed(self._uses_of(debit)):
            plan.append((lot, min(used, left)))
            left -= plan[-1][1]
        assert left == 0, "More is put back than was taken."
        if debit.pot == "redeemed":
            account.spent -= amount
        entries = [
            self._put_anew(transaction, debit, lot, part, reason=reason, details=details)
            for lot, part in plan
            if part and lot.is_elsewhere
        ]
        own = sum(part for lot, part in plan if not lot.is_elsewhere)
        if own:
            entries.insert(0, self._post(transaction, account, own, debit.pot, reason, details))
            entries[0].reverses = debit
        for lot, part in plan:
            if part and not lot.is_elsewhere:
                self._use(lot, entries[0], -part)
                self._fill_debt(account, lot)
                self._watch(account, lot)
        self.settle(debit.asset)
        return entries[0]

    def ripen(self, lot: LotState, *, expires_at: datetime | None) -> None:
        """The event a pending lot waited for came: its points are available from now on."""
        assert lot.is_pending
        account = self.account(lot.asset)
        lot.expires_at = expires_at
        self._ripen(account, lot, self.now)
        self._watch(account, lot)

    def slide(self, asset: str, expires_at: datetime) -> None:
        """Move the expiry of all open sliding lots of an asset: on, never back."""
        account = self.settle(asset)
        for lot in self.lots.get(asset, {}).values():
            lot.changed = lot.slide_to(expires_at) or lot.changed
        self.slid[asset] = expires_at
        if account.due_at is None or account.due_at > expires_at:
            account.due_at = expires_at
        account.changed = True

    def settle(self, asset: str) -> AccountState:
        """Let happen what is due: lots ripen, lapse and expire, in the order of their instants.

        Answers the account as it is then.
        """
        account = self.accounts.get(asset) or self.account(asset)
        if account.due_at is not None and account.due_at <= self.now:
            self._let_all_happen(account)
        return account

    # --- inside --------------------------------------------------------------------------------

    def _let_all_happen(self, account: AccountState) -> None:
        asset = account.asset
        later = self.source.load_due(self, asset, self.now)
        account.due_at = None  # while settling; also keeps this from entering itself
        dates = [later] if later else []
        due = []
        for lot in self.lots.get(asset, {}).values():
            if not lot.remaining or (lot.expires_at is None and not lot.is_pending):
                continue  # as most lots are: nothing will ever happen to it by itself
            at = lot.due_at
            if at is not None and at > self.now:
                dates.append(at)
            elif at is not None:
                due.append((at, lot.take_order, lot))
        due.sort()
        for place, (at, _order, lot) in enumerate(due, start=1):
            self._let_happen(account, lot, at)
            if not lot.remaining:
                continue
            # What only ripened is to die one day.
            again = lot.due_at
            if again is not None and again > self.now:
                dates.append(again)
            elif again is not None:
                insort(due, (again, lot.take_order, lot), lo=place)
        account.due_at = min(dates, default=None)
        account.changed = True

    def _put_anew(
        self, transaction: TransactionState, debit: EntryState, lot: LotState, n: int, **why: Any
    ) -> EntryState:
        terms = LotTerms(opened_at=lot.opened_at, expires_at=lot.expires_at, slides=lot.slides)
        entry = self.credit(transaction, debit.asset, n, pot=debit.pot, terms=terms, **why)
        entry.reverses = debit
        return entry

    def _let_happen(self, account: AccountState, lot: LotState, at: datetime) -> None:
        amount = lot.remaining
        if lot.is_pending and not lot.waits_for:
            self._ripen(account, lot, at)
            return
        pot = "lapsed" if lot.is_pending else "expired"
        transaction = self.begin("expiry", cause="", happened_at=at)
        entry = self._post(transaction, account, -amount, pot, pot, None)
        if lot.is_pending:
            account.pending -= amount
        lot.expired += amount
        self._use(lot, entry, amount)

    def _ripen(self, account: AccountState, lot: LotState, at: datetime) -> None:
        lot.is_pending, lot.ripens_at, lot.waits_for, lot.lapses_at = False, None, "", None
        lot.changed = account.changed = True
        account.pending -= lot.remaining
        self.ripened.append(Ripened(lot.asset, lot.remaining, at))
        self._fill_debt(account, lot)

    def _post(
        self,
        transaction: TransactionState,
        account: AccountState,
        amount: int,
        pot: str,
        reason: str,
        details: Mapping[str, Any] | None,
    ) -> EntryState:
        balance = account.balance + amount
        if not -MOST_UNITS <= balance <= MOST_UNITS:
            raise too_many(account.asset)
        account.balance, account.changed = balance, True
        if not transaction.has_begun:
            transaction.has_begun = True
            self.transactions.append(transaction)
        entry = EntryState(transaction, account.asset, amount, pot, reason, details or {}, balance)
        self.entries.append(entry)
        return entry

    def _cover(self, account: AccountState, entry: EntryState, amount: int) -> None:
        """Take from spendable lots what a debit needs; the rest stays uncovered, as debt."""
        if amount == 0:
            return
        self.source.load_spendable(self, account.asset, amount)
        known = self.lots.get(account.asset, {}).values()
        lots = [lot for lot in known if lot.remaining and not lot.is_pending]
        for lot in sorted(lots, key=attrgetter("take_order")):
            part = min(lot.remaining, amount)
            self._use(lot, entry, part)
            amount -= part
            if amount == 0:
                return
        entry.uncovered += amount
        entry.changed = True
        account.debt += amount
        if account.asset in self.debts:
            self.debts[account.asset].append(entry)

    def _fill_debt(self, account: AccountState, lot: LotState) -> None:
        if account.debt == 0 or lot.remaining == 0:
            return
        for entry in self._open_debts(account.asset):
            part = min(entry.uncovered, lot.remaining)
            if part:
                entry.uncovered -= part
                entry.changed = True
                account.debt -= part
                self._use(lot, entry, part)

    def _open_debts(self, asset: str) -> list[EntryState]:
        if asset not in self.debts:
            stored = self.source.load_uncovered(self, asset)
            fresh = [entry for entry in self.entries if entry.asset == asset and entry.uncovered]
            self.debts[asset] = [*stored, *fresh]
        return self.debts[asset]

    def _uses_of(self, debit: EntryState) -> list[tuple[LotState, int]]:
        left: dict[int, tuple[LotState, int]] = {}
        if debit.id is not None:
            left = {lot.order: (lot, n) for lot, n in self.source.load_uses(self, debit)}
        for use in self.uses:
            if use.entry is debit or use.entry.reverses is debit:
                lot, n = left.get(use.lot.order, (use.lot, 0))
                left[lot.order] = (lot, n + use.amount)
        return list(left.values())

    def _use(self, lot: LotState, entry: EntryState, amount: int) -> None:
        lot.remaining -= amount
        lot.changed = True
        self.uses.append(UseState(lot, entry, amount))

    def _watch(self, account: AccountState, lot: LotState) -> None:
        due = lot.due_at
        if due is not None and (account.due_at is None or due < account.due_at):
            account.due_at = due
            account.changed = True
