"""The database's ledger against plain memory, over random histories of everything a book can do.

Hypothesis plays a shop's year against two books at once: one that is written to the database and
opened afresh before every step, one that only ever lives in memory. They must agree on every
balance, debt and pending amount, and ``verify`` must find nothing, after every step.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from loyalty.common.errors import Refused
from loyalty.ledger.book import Book
from loyalty.ledger.source import MemorySource
from loyalty.ledger.states import EntryState, LotTerms
from loyalty.ledger.store import StoredBook, open_book, stored_entries
from loyalty.ledger.verification import verify
from loyalty.ledger.writing import write_books
from loyalty.tenancy.scope import in_programme
from tests.world import make_shop

START = datetime(2026, 1, 1, tzinfo=UTC)
AMOUNT = st.integers(min_value=1, max_value=60)
_SLUGS = count()


class Ledger(RuleBasedStateMachine):
    """Credits, debits, claw-backs, restores, ripening, sliding and the passing of time."""

    @initialize()
    def open(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        slug = f"machine-{next(_SLUGS)}"
        self.shop = make_shop(slug, owner=f"{slug}@example.com", member="Ana")
        self.scope = in_programme(self.shop.programme)
        self.scope.__enter__()
        self.now = START
        self.memory = Book(accounts=(), source=MemorySource(), now=self.now)
        self.credits: list[tuple[EntryState, int, int]] = []  # memory entry, row id, amount left
        self.debits: list[tuple[EntryState, int, int]] = []

    def teardown(self) -> None:
        if hasattr(self, "scope"):
            self.scope.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def stored(self) -> StoredBook:
        return open_book(holder_id=self.shop.member.holder_id, now=self.now)

    def write(self, stored: StoredBook) -> None:
        write_books([stored], recorded_at=self.now)

    def both(self, act: Any) -> tuple[Any, Any]:
        """Do the same to both books; both refuse or neither does."""
        stored = self.stored()
        answers: list[Any] = []
        for book in (self.memory, stored.book):
            try:
                answers.append(act(book, stored if book is stored.book else None))
            except Refused as refused:
                answers.append(refused.params["missing"])
        self.write(stored)
        return answers[0], answers[1]

    @rule(
        amount=AMOUNT,
        wait=st.sampled_from([0, 0, 5]),
        life=st.sampled_from([None, 3, 10, 30]),
        waits_for=st.sampled_from(["", "", "delivered"]),
        slides=st.booleans(),
    )
    def earn(self, amount: int, wait: int, life: int | None, waits_for: str, slides: bool) -> None:
        terms = LotTerms(
            ripens_at=self.now + timedelta(days=wait) if wait and not waits_for else None,
            waits_for=waits_for,
            lapses_at=self.now + timedelta(days=8) if waits_for else None,
            expires_at=self.now + timedelta(days=life + wait) if life else None,
            slides=slides and not waits_for and not wait,
        )

        def act(book: Book, _stored: StoredBook | None) -> EntryState:
            post = book.begin("accrual", cause="pur", happened_at=self.now)
            return book.credit(post, "points", amount, reason="earned", terms=terms)

        mine, theirs = self.both(act)
        self.credits.append((mine, theirs.id, amount))

    @rule(amount=AMOUNT)
    def spend(self, amount: int) -> None:
        def act(book: Book, _stored: StoredBook | None) -> EntryState:
            post = book.begin("redemption", cause="vou", happened_at=self.now)
            return book.debit(post, "points", amount, reason="redeemed")

        mine, theirs = self.both(act)
        if isinstance(mine, int):
            assert mine == theirs
        else:
            self.debits.append((mine, theirs.id, amount))

    @rule(data=st.data(), write_off=st.booleans())
    def refund(self, data: st.DataObject, write_off: bool) -> None:
        open_credits = [i for i, (_e, _row, left) in enumerate(self.credits) if left]
        if not open_credits:
            return
        index = data.draw(st.sampled_from(open_credits))
        entry, row, left = self.credits[index]
        amount = data.draw(st.integers(min_value=1, max_value=left))

        def act(book: Book, stored: StoredBook | None) -> Any:
            credit = entry if stored is None else stored_entries(stored, [row])[row]
            post = book.begin("refund", cause="ref", happened_at=self.now)
            taken = book.take_back(post, credit, amount, reason="refund", write_off=write_off)
            return taken.posted, taken.offset_by_expiry, taken.written_off

        mine, theirs = self.both(act)
        assert mine == theirs
        assert mine[0] + mine[1] == amount
        self.credits[index] = (entry, row, left - amount)

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        open_debits = [i for i, (_e, _row, left) in enumerate(self.debits) if left]
        if not open_debits:
            return
        index = data.draw(st.sampled_from(open_debits))
        entry, row, left = self.debits[index]
        amount = data.draw(st.integers(min_value=1, max_value=left))

        def act(book: Book, stored: StoredBook | None) -> None:
            debit = entry if stored is None else stored_entries(stored, [row])[row]
            post = book.begin("restore", cause="vou", happened_at=self.now)
            book.give_back(post, debit, amount, reason="restored")

        self.both(act)
        self.debits[index] = (entry, row, left - amount)

    @rule(days=st.integers(min_value=1, max_value=12))
    def pass_time(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.memory.now = self.now

    @rule(days=st.integers(min_value=1, max_value=20))
    def slide(self, days: int) -> None:
        self.both(lambda book, _stored: book.slide("points", self.now + timedelta(days=days)))

    @invariant()
    def the_books_agree(self) -> None:
        if not hasattr(self, "memory"):
            return
        stored = self.stored()
        for book in (self.memory, stored.book):
            book.settle("points")
        mine, theirs = self.memory.account("points"), stored.book.account("points")
        assert (mine.balance, mine.debt, mine.pending, mine.earned, mine.spent) == (
            theirs.balance,
            theirs.debt,
            theirs.pending,
            theirs.earned,
            theirs.spent,
        )
        self.write(stored)
        assert verify().findings == []


@pytest.mark.django_db
def test_the_stored_ledger_behaves_like_plain_memory() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Ledger, settings=settings(stateful_step_count=20))
