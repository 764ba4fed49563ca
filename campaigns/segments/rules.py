"""Segments as plain values: what one asks for at an instant, and which others it leans on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from loyalty.engine.conditions import Condition
from loyalty.engine.status import Status

FACT = "segment"
MOST_CONDITIONS = 50


@dataclass(frozen=True, kw_only=True)
class SegmentTerms:
    """A segment as rules ask for it.

    Args:
        versions: what it asks for, each from an instant on, oldest first; the first from ever.
        taking: of a frozen one, the number of the list in force; 0 is none yet.
    """

    public_id: str
    code: str
    told_vi: str
    told_en: str
    is_frozen: bool
    taking: int
    versions: tuple[tuple[datetime | None, tuple[Condition, ...]], ...]

    def conditions(self, at: datetime) -> tuple[Condition, ...]:
        """What it asked for at an instant: an old receipt is judged by the segment of its day."""
        found = self.versions[0][1]
        for since, conditions in self.versions[1:]:
            if since is not None and since <= at:
                found = conditions
        return found

    def lists(self, status: Status | None) -> bool:
        """Is whoever has this status on the list in force? Who is found by a taking under way is on
        it at once; who is not leaves when it is done.
        """
        return is_on_list(status.value if status else "", taking=self.taking)


def list_name(public_id: str) -> str:
    """The status that says who is on a segment's list."""
    return f"{FACT}:{public_id}"


def is_on_list(value: str, *, taking: int) -> bool:
    """Does the value of a status say that its member is on the list of this taking?"""
    return taking > 0 and value.isdigit() and int(value) >= taking


def named(conditions: Iterable[Condition]) -> list[str]:
    """The codes of the segments that conditions ask for, each once."""
    found: dict[str, None] = {}
    for one in conditions:
        if one.fact == FACT:
            values = one.value if isinstance(one.value, list) else [one.value]
            found.update({str(value): None for value in values})
    return list(found)


def circle(code: str, leans_on: Mapping[str, Iterable[str]]) -> list[str]:
    """The way from a segment back to itself, itself first and last; empty where there is none.

    Args:
        leans_on: for each code the codes its conditions ask for.
    """
    ways = [[code]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for following in leans_on.get(way[-1], ()):
            if following == code:
                return [*way, code]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
