"""The arithmetic of better prices: what one offer takes off, and which of several count together.

Pure functions on plain values. What must stay true: integers only; an offer is rounded once and
split over its lines to the last unit (largest remainder); no line ever falls below zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR, rounded_ratio, split
from loyalty.common.values import Value, changed, value
from loyalty.engine.activity import GOODS, SaleLine
from loyalty.engine.plug import PriceOffer
from loyalty.engine.restrictions import EVERYTHING, Restriction
from loyalty.engine.rules import RuleTerms

PERCENT, AMOUNT, FIXED_PRICE = "percent", "amount", "fixed_price"
TRIED_WHOLE = 4


@dataclass(frozen=True, kw_only=True)
class DiscountTerms(RuleTerms):
    """A discount as a value: ``off_bp`` percent, ``off_minor`` off, or ``price_minor`` a unit."""

    restriction: Restriction = EVERYTHING
    discount: str = PERCENT
    off_bp: int = 0
    off_minor: int = 0
    price_minor: int = 0
    rounding: str = "half_up"
    cap_minor: int | None = None
    on_delivery: bool = False
    stacks: bool = False

    def problems(self) -> list[DomainError]:
        found = self.restriction.problems()
        name, maximum = {
            PERCENT: ("off_bp", 10_000),
            AMOUNT: ("off_minor", MAX_MINOR),
            FIXED_PRICE: ("price_minor", MAX_MINOR),
        }[self.discount]
        bounds = {name: (getattr(self, name), maximum)}
        if self.cap_minor is not None:
            bounds["cap_minor"] = (self.cap_minor, MAX_MINOR)
        found += [
            Invalid(
                "out_of_range",
                _("Give a number from %(minimum)s to %(maximum)s.")
                % {"minimum": 1, "maximum": most},
                field=field,
                params={"minimum": 1, "maximum": most},
            )
            for field, (value, most) in bounds.items()
            if not 1 <= value <= most
        ]
        if self.on_delivery and self.discount == FIXED_PRICE:
            found.append(
                Invalid(
                    "bad_discount",
                    _("Delivery has no price per unit. Take a percentage or an amount off."),
                    field="discount",
                )
            )
        return found


@value
class Taken(Value):
    """What one offer took off which lines, and what they cost before it; never nothing."""

    offer: PriceOffer
    off: Mapping[int, int]
    was_minor: int

    @property
    def total_minor(self) -> int:
        """Altogether."""
        return sum(self.off.values())


def take(offer: PriceOffer, lines: Sequence[SaleLine], left: Mapping[int, int]) -> dict[int, int]:
    """What an offer takes off each line, of what is left of their prices; empty where nothing."""
    return {number: part for number, part in _parts(offer, lines, left).items() if part}


def _parts(offer: PriceOffer, lines: Sequence[SaleLine], left: Mapping[int, int]) -> dict[int, int]:
    """Every line an offer counts with what it takes off it, which may be nothing of a small one.

    Percent: ``round(sum(left) x value_bp / 10000)`` split by what is left. Amount: the amount, at
    most what is left, split the same. Fixed price: ``left - round(value x quantity)``, never below
    nothing. The cap cuts the sum, which is then split anew.
    """
    meant = [line for line in lines if left[line.number] > 0 and _covers(offer, line)]
    weights = [left[line.number] for line in meant]
    worth = sum(weights)
    if offer.kind == PERCENT:
        total = rounded_ratio(worth * offer.value_bp, 10_000, offer.rounding)
    elif offer.kind == AMOUNT:
        total = offer.value_minor
    else:
        weights = [max(left[line.number] - _price(offer, line), 0) for line in meant]
        worth = total = sum(weights)
    total = min(total, worth)
    if offer.cap_minor is not None:
        total = min(total, offer.cap_minor)
    parts = split(total, weights)
    return {line.number: part for line, part in zip(meant, parts, strict=True)}


def best(offers: Sequence[PriceOffer], lines: Sequence[SaleLine]) -> list[Taken]:
    """The offers that count on a sale, in the order they are taken off.

    Those that stack all count. Of the others a line takes one: some of them, in any order, have all
    of their lines that are still free, the rest of the lines go to whichever takes most off each.
    What takes most off altogether wins; a tie goes to the simpler choice. Every subset and order is
    tried with up to :data:`TRIED_WHOLE` such offers, leading pairs with more.
    """
    if len(lines) == 1 and not any(one.stacks for one in offers):
        return _best_of_line(offers, lines[0])
    left = {line.number: line.net_minor for line in lines}
    alone = [{} if one.stacks else _parts(one, lines, left) for one in offers]
    single = [which for which, off in enumerate(alone) if any(off.values())]
    choices = (
        _in_order(_chosen(offers, {which: alone[which] for which in some}, leaders), lines)
        for some, leaders in _ways(single)
    )
    return max(choices, key=lambda taken: sum(one.total_minor for one in taken))


def _best_of_line(offers: Sequence[PriceOffer], line: SaleLine) -> list[Taken]:
    """One line has the one offer that takes most off it, of equals the first: there is no other way."""
    left, most, found = line.net_minor, 0, None
    for offer in offers:
        if not _covers(offer, line):
            continue
        if offer.kind == PERCENT:
            off = rounded_ratio(left * offer.value_bp, 10_000, offer.rounding)
        else:
            off = offer.value_minor if offer.kind == AMOUNT else left - _price(offer, line)
        off = min(off, left if offer.cap_minor is None else min(left, offer.cap_minor))
        if off > most:
            most, found = off, offer
    if found is None:
        return []
    return [Taken.made(offer=found, off={line.number: most}, was_minor=left)]


def _ways(single: Sequence[int]) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """Which offers count and who leads, the simplest first. With every subset tried, one more offer
    never makes a bill dearer.
    """
    if len(single) < 2:
        yield single, ()
        return
    is_small = len(single) <= TRIED_WHOLE
    for size in range(len(single), 0 if is_small else len(single) - 1, -1):
        for some in combinations(single, size):
            for led in range(size if is_small else 3):
                for leaders in permutations(some, led):
                    yield some, leaders


def _chosen(
    offers: Sequence[PriceOffer], alone: Mapping[int, Mapping[int, int]], leaders: Sequence[int]
) -> list[PriceOffer]:
    """The lines of each leader to it, the first before the next; each other line to who takes most."""
    owner: dict[int, int] = {}
    for which in leaders:
        for line in alone[which]:
            owner.setdefault(line, which)
    led = set(owner)
    for which, off in alone.items():
        for line, amount in off.items():
            if line not in led and (line not in owner or amount > alone[owner[line]][line]):
                owner[line] = which
    owned: dict[int, set[int]] = {}
    for line, which in owner.items():
        owned.setdefault(which, set()).add(line)
    return [
        one if one.stacks else changed(one, lines=frozenset(owned[which]))
        for which, one in enumerate(offers)
        if one.stacks or which in owned
    ]


def _in_order(offers: Sequence[PriceOffer], lines: Sequence[SaleLine]) -> list[Taken]:
    left = {line.number: line.net_minor for line in lines}
    taken = []
    for offer in sorted(offers, key=lambda one: one.order):  # of equals the older one first
        off = take(offer, lines, left)
        if off:
            was = sum(left[line] for line in off)
            taken.append(Taken.made(offer=offer, off=off, was_minor=was))
        for line, amount in off.items():
            left[line] -= amount
    return taken


def _covers(offer: PriceOffer, line: SaleLine) -> bool:
    if offer.lines is None:
        return line.kind == GOODS and not line.excluded
    return line.number in offer.lines


def _price(offer: PriceOffer, line: SaleLine) -> int:
    return rounded_ratio(offer.value_minor * line.quantity_milli, 1000, offer.rounding)
