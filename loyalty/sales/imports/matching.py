"""Which earlier purchases a cancellation undoes, where the file does not say.

A cancellation names a customer, products, quantities and prices. It may undo lines of the same
customer, the same product code and the same unit price, bought no later than the cancellation,
and never more than was bought and not yet undone. Among those: first the newest line whose open
quantity is exactly the cancelled one (most cancellations undo one line whole), then the newest
lines one after the other (what is brought back is usually what was bought last, and its points
are the likeliest to be still waiting). What finds no line stays unmatched, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class OpenLine(Generic[Key]):
    """A purchase line with what is not yet undone. `key` is the caller's name for it."""

    key: Key
    product_code: str
    unit_price_minor: int
    open_milli: int
    at: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cancelled line: a positive quantity to undo at `at` or before."""

    row: int
    product_code: str
    unit_price_minor: int
    quantity_milli: int
    at: int


@dataclass(frozen=True, slots=True)
class Taken(Generic[Key]):
    """A quantity taken from one purchase line for one cancelled row."""

    row: int
    key: Key
    quantity_milli: int


@dataclass(frozen=True, slots=True)
class Match(Generic[Key]):
    """What became of one cancelled row: `reason` is a key of `outcomes.REASONS`."""

    row: int
    reason: str
    matched_milli: int
    unmatched_milli: int
    taken: tuple[Taken[Key], ...]


def match_cancellation(
    wanted: Iterable[Wanted], open_lines: Sequence[OpenLine[Key]]
) -> list[Match[Key]]:
    """Match the lines of one cancellation, in their order, against one customer's purchases.

    `open_lines` may hold other products and fully undone lines, which tell the reason when nothing
    matches, and later purchases, which count for nothing.
    """
    pool = list(open_lines)
    matches: list[Match[Key]] = []
    for want in wanted:
        places = _candidates(want, pool)
        taken: list[Taken[Key]] = []
        left = want.quantity_milli
        for place in places:
            if left == 0:
                break
            line = pool[place]
            part = min(left, line.open_milli)
            pool[place] = replace(line, open_milli=line.open_milli - part)
            taken.append(Taken(row=want.row, key=line.key, quantity_milli=part))
            left -= part
        matched = want.quantity_milli - left
        matches.append(
            Match(
                row=want.row,
                reason=_reason(want, open_lines, matched=matched, left=left),
                matched_milli=matched,
                unmatched_milli=left,
                taken=tuple(taken),
            )
        )
    return matches


def _candidates(want: Wanted, pool: Sequence[OpenLine[Key]]) -> list[int]:
    """Places in the pool, best first: exact quantity, then newest (the later place on a tie)."""
    fitting = [
        place
        for place, line in enumerate(pool)
        if line.open_milli > 0 and _same_goods(want, line) and line.at <= want.at
    ]
    fitting.sort(
        key=lambda place: (
            pool[place].open_milli == want.quantity_milli,
            pool[place].at,
            place,
        ),
        reverse=True,
    )
    return fitting


def _same_goods(want: Wanted, line: OpenLine[Key]) -> bool:
    return line.product_code == want.product_code and line.unit_price_minor == want.unit_price_minor


def _reason(want: Wanted, lines: Sequence[OpenLine[Key]], *, matched: int, left: int) -> str:
    if left == 0:
        return "matched"
    if matched:
        return "partly_matched"
    before = [
        line for line in lines if line.product_code == want.product_code and line.at <= want.at
    ]
    if any(_same_goods(want, line) for line in before):
        return "nothing_left"
    return "other_price_only" if before else "never_bought"
