"""Freezes of cards that were joined: each card's purse, so that a later refund counts in its own.

The joined row holds as many freezes as the card with the most of them. What a day of the time before
used or won is given back to the purse it came from, and only what the larger purse gains by it counts:
a refund after the merge comes out as one before it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import field
from typing import Any

from loyalty.common.values import Value, value

# How many freezes a unit used, and how many it won, by unit.
Moved = Mapping[int, tuple[int, int]]
_NOTHING = (0, 0)


@value
class Purse(Value):
    """The freezes of one card as it was joined, and what its units had used and won by then; of a card
    that had been joined from others before, with their ``purses``.
    """

    freezes: int
    moved: Moved = field(default_factory=dict)
    purses: tuple[Purse, ...] = ()

    def without(self, unit: int) -> Purse:
        """As if the unit had never been."""
        more, _gap, after = given_back(unit, self.moved, self.purses)
        rest = {one: both for one, both in self.moved.items() if one != unit}
        return Purse(freezes=max(self.freezes + more, 0), moved=rest, purses=after)

    def kept(self, units: Container[int]) -> Purse:
        """Without what its other units had used and won, which stays as it is."""
        moved = {unit: both for unit, both in self.moved.items() if unit in units}
        purses = tuple(one.kept(units) for one in self.purses)
        return Purse(freezes=self.freezes, moved=moved, purses=purses)


def given_back(
    unit: int, moved: Moved, purses: tuple[Purse, ...]
) -> tuple[int, int, tuple[Purse, ...]]:
    """Without a unit: how many freezes there are more (or fewer), the longest gap before it that
    freezes covered, and the purses after it.
    """
    used, won = moved.get(unit, _NOTHING)
    after = tuple(one.without(unit) for one in purses)
    gap = max(used, *(given_back(unit, one.moved, one.purses)[1] for one in purses), 0)
    return used - won + _most(after) - _most(purses), gap, after


def plain_freezes(moved: Moved, purses: tuple[Purse, ...]) -> dict[str, Any]:
    """As JSON, under the names of the fields."""
    return {"moved": _plain(moved), "purses": _plain_purses(purses)}


def read_freezes(data: Mapping[str, Any]) -> dict[str, Any]:
    """What :func:`plain_freezes` wrote; nothing where it was written before these were kept."""
    return {"moved": _read(data.get("moved", {})), "purses": _read_purses(data.get("purses", []))}


def _most(purses: tuple[Purse, ...]) -> int:
    """What joined cards hold together: not the sum, each had its own first ones; 0 for none."""
    return max((one.freezes for one in purses), default=0)


def _plain_purses(purses: tuple[Purse, ...]) -> list[Any]:
    return [[one.freezes, _plain(one.moved), _plain_purses(one.purses)] for one in purses]


def _read_purses(plain: list[Any]) -> tuple[Purse, ...]:
    return tuple(
        # Written before purses held others: two parts.
        Purse(freezes=freezes, moved=_read(moved), purses=_read_purses(inner[0] if inner else []))
        for freezes, moved, *inner in plain
    )


def _plain(moved: Moved) -> dict[str, list[int]]:
    return {str(unit): list(both) for unit, both in sorted(moved.items())}


def _read(plain: Mapping[str, Any]) -> dict[int, tuple[int, int]]:
    return {int(unit): (both[0], both[1]) for unit, both in plain.items()}


def not_missed(unit: int, moved: Moved) -> tuple[Moved, int, int]:
    """A unit a freeze had covered was none that was missed: it is told late, or repaired by staff.

    Answers what the units moved now, the freezes that still cover what lies before this one, and how
    many come back: one, or none where a move to another zone or a merge held the row together.
    """
    for later, (used, won) in moved.items():
        if later - used <= unit < later:
            return {**moved, later: (later - unit - 1, won)}, used - (later - unit), 1
    return moved, 0, 0
