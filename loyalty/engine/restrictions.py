"""Which goods and places a rule is for: pure values that any mechanic's rules may carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.common.values import once
from loyalty.engine.activity import NOTHING, ActivityData, SaleLine, Worth

MAX_NAMED = 500


def earning(line: SaleLine) -> int:
    """What of a line may earn: the worth of it to rules that reward."""
    return line.earning_minor


def price(line: SaleLine) -> int:
    """What a line costs, tax included: the worth of it to rules that price."""
    return line.net_minor


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """Which goods and places count; empty sets stand for all. ``minimum_minor`` of what counts."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    excluded_skus: frozenset[str] = frozenset()
    excluded_categories: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()
    minimum_minor: int = 0

    @once
    def is_open(self) -> bool:
        """Does every line count that is worth something?"""
        named = (self.skus, self.categories, self.excluded_skus, self.excluded_categories)
        return not any(named)

    def covers(self, line: SaleLine) -> bool:
        """Does the rule count this line?"""
        if self.is_open:
            return True
        categories = frozenset(line.categories)
        if line.sku in self.excluded_skus or categories & self.excluded_categories:
            return False
        if not self.skus and not self.categories:
            return True
        return line.sku in self.skus or bool(categories & self.categories)

    def lines(
        self, activity: ActivityData, *, worth: Callable[[SaleLine], int] = earning
    ) -> tuple[SaleLine, ...]:
        """The goods that count; none where the place or the minimum spend is missed."""
        return self.goods(activity, worth=worth).lines

    def goods(self, activity: ActivityData, *, worth: Callable[[SaleLine], int] = earning) -> Worth:
        """The same with what they are worth."""
        sale = activity.sale
        if sale is None or (self.locations and activity.location not in self.locations):
            return NOTHING
        found = sale.worth(worth)
        if not self.is_open:
            found = Worth.of([line for line in found.lines if self.covers(line)], worth)
        return found if found.total >= self.minimum_minor else NOTHING

    def problems(self) -> list[DomainError]:
        """What is wrong with it, by field."""
        found: list[DomainError] = []
        if not 0 <= self.minimum_minor <= MAX_MINOR:
            found.append(
                Invalid(
                    "out_of_range",
                    _("Give a number from %(minimum)s to %(maximum)s.")
                    % {"minimum": 0, "maximum": MAX_MINOR},
                    field="minimum_minor",
                    params={"minimum": 0, "maximum": MAX_MINOR},
                )
            )
        for name in ("skus", "categories", "excluded_skus", "excluded_categories", "locations"):
            values = getattr(self, name)
            if len(values) > MAX_NAMED or not all(isinstance(one, str) and one for one in values):
                found.append(
                    Invalid(
                        "bad_list",
                        _("Give a list of at most %(n)s codes.") % {"n": MAX_NAMED},
                        field=name,
                    )
                )
        return found


EVERYTHING = Restriction()
