"""One level: what entering and keeping it asks, and what it gives.

What is asked is a list of ways; each way is a set of conditions that must all hold, and one way is
enough. ``()`` asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What can be asked for: money spent (minor units), points earned, visits, months as a member.
SPEND, POINTS, VISITS, MONTHS = "spend_minor", "points", "visits", "months"
BASES = (SPEND, POINTS, VISITS, MONTHS)
# Those of them that are counted in the ledger.
COUNTED = (SPEND, POINTS, VISITS)

Need = Mapping[str, int]
Measures = Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class LevelTerms:
    """A level of a ladder. ``keep`` ``()`` asks the same as ``enter``.

    Args:
        for_life: once reached it is never lost to a review.
        factor_bp: factor on points; ``discount_bp`` off all goods.
        birthday_reward: public id of a reward given on the birthday.
        perk_vi: another perk in the shop's own words; ``perk_en`` in English.
    """

    code: str
    enter: tuple[Need, ...] = ()
    keep: tuple[Need, ...] = ()
    name_vi: str = ""
    name_en: str = ""
    for_life: bool = False
    factor_bp: int = 10_000
    discount_bp: int = 0
    free_delivery: bool = False
    early_access: bool = False
    birthday_reward: str = ""
    perk_vi: str = ""
    perk_en: str = ""

    @property
    def to_stay(self) -> tuple[Need, ...]:
        """What a review asks of those who hold it."""
        return self.keep or self.enter

    def name(self, language: str) -> str:
        """What the shop calls it in a language."""
        first, second = self.name_vi, self.name_en
        if not language.startswith("vi"):
            first, second = second, first
        return first or second

    def perk(self, language: str) -> str:
        """Its own perk in a language."""
        first, second = self.perk_vi, self.perk_en
        if not language.startswith("vi"):
            first, second = second, first
        return first or second


def meets(ways: Sequence[Need], measures: Measures) -> bool:
    """Is one of the ways met? Nothing asked is met."""
    for way in ways:
        for basis, least in way.items():
            if measures.get(basis, 0) < least:
                break
        else:
            return True
    return not ways


def asks_at_least(more: Need, less: Need) -> bool:
    """Does whoever meets ``more`` meet ``less`` too, whatever the figures?"""
    return all(basis in more and more[basis] >= least for basis, least in less.items())


def missing(ways: Sequence[Need], measures: Measures) -> list[dict[str, int]]:
    """What of each way is still missing, by basis; an empty one where a way is met."""
    return [
        {
            basis: least - measures.get(basis, 0)
            for basis, least in way.items()
            if measures.get(basis, 0) < least
        }
        for way in ways
    ]
