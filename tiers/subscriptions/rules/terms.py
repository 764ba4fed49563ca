"""What an offer says: how often, at which price, until when a delivery can be changed, how one leaves.

A discount is the best one that applies, never a sum: the offer's own, the one for so many products on
one delivery, the one for the committed length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.engine.rules import RuleTerms

WEEK, MONTH = "week", "month"
BEFORE, ON_DELIVERY, AHEAD = "before", "on_delivery", "ahead"
COLLECT, DELIVER = "collect", "deliver"
DIFFERENCE, FREE, STAY = "difference", "free", "stay"
MOST_MONTHS = 36
MOST_STEPS = 10
MOST_WEEKS = 26
MOST_INTERVAL_MONTHS = 12
MOST_FACTOR_BP = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """From so much on (months committed, products on one delivery), so much off."""

    at_least: int
    discount_bp: int


@dataclass(frozen=True, kw_only=True)
class OfferTerms(RuleTerms):
    """An offer. Deliveries every ``weeks_from`` to ``weeks_to`` weeks or months; 0 to 0: not by these."""

    family: str
    code: str
    is_open: bool = True
    weeks_from: int = 0
    weeks_to: int = 0
    months_from: int = 1
    months_to: int = 1
    discount_bp: int = 0
    commitments: tuple[Step, ...] = ()
    by_products: tuple[Step, ...] = ()
    leaving: str = DIFFERENCE
    renews: bool = True
    holds_price: bool = False
    pays_before: bool = True
    pays_on_delivery: bool = False
    pays_ahead: bool = False
    delivers: bool = True
    collects: bool = True
    shipping_minor: int = 0
    cutoff_days: int = 2
    cutoff_hour: int = 18
    grace_days: int = 3
    longest_pause_days: int = 90
    most_units: int = 30
    factor_bp: int = 10_000
    perk_bp: int = 0

    @property
    def ways_to_pay(self) -> tuple[str, ...]:
        """How a delivery may be paid, the usual one first."""
        offered = (
            (BEFORE, self.pays_before),
            (ON_DELIVERY, self.pays_on_delivery),
            (AHEAD, self.pays_ahead),
        )
        return tuple(name for name, is_offered in offered if is_offered)

    @property
    def ways_to_get(self) -> tuple[str, ...]:
        """How a delivery may be had, the usual one first."""
        offered = ((DELIVER, self.delivers), (COLLECT, self.collects))
        return tuple(name for name, is_offered in offered if is_offered)

    def comes(self, *, every: int, unit: str) -> bool:
        """Can it come this often?"""
        least, most = (
            (self.weeks_from, self.weeks_to) if unit == WEEK else (self.months_from, self.months_to)
        )
        return unit in (WEEK, MONTH) and every >= 1 and least <= every <= most

    def problems(self) -> list[DomainError]:
        return [*self._out_of_range(), *self._missing(), *self._crooked()]

    def _out_of_range(self) -> list[DomainError]:
        bounds = {
            "weeks_from": (self.weeks_from, 0, MOST_WEEKS),
            "weeks_to": (self.weeks_to, 0, MOST_WEEKS),
            "months_from": (self.months_from, 0, MOST_INTERVAL_MONTHS),
            "months_to": (self.months_to, 0, MOST_INTERVAL_MONTHS),
            "discount_bp": (self.discount_bp, 0, 10_000),
            "shipping_minor": (self.shipping_minor, 0, MAX_MINOR),
            "cutoff_days": (self.cutoff_days, 0, 30),
            "cutoff_hour": (self.cutoff_hour, 0, 23),
            "grace_days": (self.grace_days, 1, 30),
            "longest_pause_days": (self.longest_pause_days, 7, 366),
            "most_units": (self.most_units, 1, 1_000),
            "factor_bp": (self.factor_bp, 10_000, MOST_FACTOR_BP),
            "perk_bp": (self.perk_bp, 0, 10_000),
        }
        return [
            _range(field, least, most)
            for field, (value, least, most) in bounds.items()
            if not least <= value <= most
        ]

    def _missing(self) -> list[DomainError]:
        found: list[DomainError] = []
        if not self.code:
            told = _("Give the offer a short code, such as “beans”: rules ask for it by that.")
            found.append(Invalid("required", told, field="code"))
        if not self.weeks_to and not self.months_to:
            told = _("Say how often it can come: by weeks, by months, or both.")
            found.append(Invalid("required", told, field="months_to"))
        if not self.ways_to_pay:
            told = _("Choose at least one way to pay.")
            found.append(Invalid("required", told, field="pays_before"))
        if not self.ways_to_get:
            told = _("Choose whether it is delivered, collected, or both.")
            found.append(Invalid("required", told, field="delivers"))
        return found

    def _crooked(self) -> list[DomainError]:
        found: list[DomainError] = []
        for unit, least, most in (
            ("weeks", self.weeks_from, self.weeks_to),
            ("months", self.months_from, self.months_to),
        ):
            if bool(least) != bool(most) or least > most:
                told = _("The longest time is not shorter than the shortest; both are 0 or none.")
                found.append(Invalid("bad_order", told, field=f"{unit}_to"))
        found += _step_faults(
            self.commitments, field="commitments", unit="months", most=MOST_MONTHS
        )
        found += _step_faults(self.by_products, field="by_products", unit="products", most=1_000)
        return found


def steps(raw: Iterable[Any], *, unit: str, field: str) -> tuple[Step, ...]:
    """Steps from stored or sent JSON such as ``{"months": 6, "discount_bp": 2000}``.

    Raises ``Invalid`` naming the one at fault.
    """
    found = []
    for number, one in enumerate(raw):
        whole = isinstance(one, Mapping) and set(one) == {unit, "discount_bp"}
        if not whole or any(isinstance(n, bool) or not isinstance(n, int) for n in one.values()):
            told = _("A step has %(unit)s and discount_bp, both whole numbers.") % {"unit": unit}
            raise Invalid("bad_step", told, field=f"{field}.{number}")
        found.append(Step(at_least=one[unit], discount_bp=one["discount_bp"]))
    return tuple(found)


def best_step(known: Iterable[Step], value: int) -> int:
    """What the steps reached take off, in basis points."""
    return max((one.discount_bp for one in known if value >= one.at_least), default=0)


def _step_faults(known: tuple[Step, ...], *, field: str, unit: str, most: int) -> list[DomainError]:
    if len(known) > MOST_STEPS:
        return [Invalid("too_many", _("At most %(n)s steps.") % {"n": MOST_STEPS}, field=field)]
    found: list[DomainError] = []
    before: Step | None = None
    for number, one in enumerate(known):
        where = f"{field}.{number}"
        if not 1 <= one.at_least <= most:
            found.append(_range(f"{where}.{unit}", 1, most))
        elif not 1 <= one.discount_bp <= 10_000:
            found.append(_range(f"{where}.discount_bp", 1, 10_000))
        elif before and (one.at_least <= before.at_least or one.discount_bp <= before.discount_bp):
            told = _("Each step asks for more than the one before, and takes more off.")
            found.append(Invalid("bad_order", told, field=where))
        before = one
    return found


def _range(field: str, least: int, most: int) -> Invalid:
    told = _("Give a number from %(minimum)s to %(maximum)s.") % {
        "minimum": least,
        "maximum": most,
    }
    return Invalid("out_of_range", told, field=field)
