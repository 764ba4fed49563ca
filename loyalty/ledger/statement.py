"""A holder's statement: every movement with the figures that prove nothing was changed behind it.

Who has the file can recompute the chain: the SHA-256 of the previous hash and the canonical JSON of
a movement's content (sorted keys, no spaces) is its hash (see :mod:`loyalty.ledger.chain`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from loyalty.ledger import chain
from loyalty.ledger.models import Account, Entry, Transaction

MAX_MOVEMENTS = 2_000


@dataclass(frozen=True, kw_only=True)
class StatementEntry:
    """One amount of a movement and its reason."""

    asset: str
    amount: int
    balance_after: int
    pot: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Movement:
    """What moved together, and its place in the chain. ``content`` is what the hash covers."""

    sequence: int
    happened_at: datetime
    kind: str
    place: str
    entries: tuple[StatementEntry, ...]
    content: Mapping[str, object]
    previous_hash: str
    hash: str

    @property
    def holds(self) -> bool:
        """Does the hash fit the content?"""
        return chain.link(self.previous_hash, dict(self.content)) == self.hash


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """A page of movements, newest first; ``next_before`` asks for older ones, 0 where there are none.

    ``seal`` is the hash of the holder's newest movement, whichever page this is.
    """

    movements: tuple[Movement, ...]
    next_before: int
    seal: str


def movements(*, holder_id: int, limit: int = MAX_MOVEMENTS) -> list[Movement]:
    """A holder's newest movements, oldest of them first. Two queries."""
    return [_movement(row) for row in reversed(_rows(holder_id)[:limit])]


def statement_page(*, holder_id: int, kind: str, limit: int, before: int = 0) -> StatementPage:
    """Movements of a holder that touch assets of a kind, by keyset. Four queries.

    Args:
        before: the ``next_before`` of the page above.
    """
    mine = Account.objects.filter(holder=holder_id, asset__kind=kind).values_list("pk", flat=True)
    touched = Entry.objects.filter(transaction=OuterRef("pk"), account__in=list(mine))
    rows = _rows(holder_id).filter(Exists(touched))
    if before:
        rows = rows.filter(sequence__lt=before)
    found = list(rows[: limit + 1])
    newest = Transaction.objects.filter(holder=holder_id).order_by("-sequence")
    return StatementPage(
        movements=tuple(_movement(row) for row in found[:limit]),
        next_before=found[limit - 1].sequence if len(found) > limit else 0,
        seal=newest.values_list("hash", flat=True).first() or "",
    )


def _rows(holder_id: int) -> QuerySet[Transaction]:
    """All of a holder's transactions with what is told of each, newest first."""
    entries = Prefetch("entries", Entry.objects.select_related("account__asset").order_by("id"))
    rows = Transaction.objects.filter(holder=holder_id).select_related("location", "merchant")
    return rows.prefetch_related(entries).order_by("-sequence")


def _movement(row: Transaction) -> Movement:
    entries = tuple(
        StatementEntry(
            asset=one.account.asset.code,
            amount=one.amount,
            balance_after=one.balance_after,
            pot=one.pot,
            reason=one.reason,
            details=one.details,
        )
        for one in row.entries.all()
    )
    place = row.location or row.merchant
    return Movement(
        sequence=row.sequence,
        happened_at=row.happened_at,
        kind=row.kind,
        place=place.name if place else "",
        entries=entries,
        content=chain.canonical(
            public_id=row.public_id,
            sequence=row.sequence,
            kind=row.kind,
            cause=row.cause,
            happened_at=row.happened_at,
            recorded_at=row.recorded_at,
            entries=[(one.asset, one.amount, one.pot, one.reason) for one in entries],
        ),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
