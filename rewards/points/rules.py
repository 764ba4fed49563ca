"""The arithmetic of points: what a sale earns, what multipliers add, how many points pay a bill.

Pure functions on plain values. What must stay true: integers only; each rule rounds its own award,
multipliers work on the sum of the awards of one asset and are rounded once; every award remembers
the lines it came from, so that a refund can undo it line by line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd, lcm

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR, rounded_ratio, split
from loyalty.common.values import Value, changed, once, value
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import NONE, Basis, Share
from loyalty.engine.paying import PayTerms
from loyalty.engine.plug import Multiplier, carry_sales
from loyalty.engine.restrictions import EVERYTHING, Restriction
from loyalty.engine.rules import RuleTerms
from loyalty.engine.validity import NEVER, NO_WAIT, Expiry, Wait, problems

MAX_POINTS = 10**9
_BP = 10_000


@dataclass(frozen=True, kw_only=True)
class EarningTerms(RuleTerms):
    """An earning rule as a value: ``points`` for each ``per_minor``, ``per_units``, or fixed."""

    restriction: Restriction = EVERYTHING
    asset: str = "points"
    activity: str = PURCHASE
    basis: str = "money"
    points: int = 1
    per_minor: int = 0
    per_units: int = 1
    proportional: bool = False
    rounding: str = "floor"
    wait: Wait = NO_WAIT
    expiry: Expiry | None = None

    def problems(self) -> list[DomainError]:
        found = [*self.restriction.problems(), *problems(self.expiry or NEVER, self.wait)]
        if not 1 <= self.points <= MAX_POINTS:
            found.append(_range("points", 1, MAX_POINTS))
        if not self.activity:
            found.append(Invalid("required", _("Say what it is given for."), field="activity"))
        if self.basis != "fixed" and self.activity not in carry_sales():
            found.append(
                Invalid(
                    "bad_basis",
                    _("Only purchases have amounts and units. Give a fixed number of points."),
                    field="basis",
                )
            )
        elif self.basis == "money" and not 1 <= self.per_minor <= MAX_MINOR:
            found.append(_range("per_minor", 1, MAX_MINOR))
        elif self.basis == "units" and not 1 <= self.per_units <= 1_000_000:
            found.append(_range("per_units", 1, 1_000_000))
        return found


@dataclass(frozen=True, kw_only=True)
class MultiplierTerms(RuleTerms):
    """A multiplier as a value, in basis points: 20000 doubles."""

    restriction: Restriction = EVERYTHING
    asset: str = "points"
    factor_bp: int = 20_000

    def problems(self) -> list[DomainError]:
        found = self.restriction.problems()
        if not 10_000 <= self.factor_bp <= 1_000_000:
            found.append(_range("factor_bp", 10_000, 1_000_000))
        return found


@dataclass(frozen=True, kw_only=True)
class SettingsTerms(PayTerms):
    """The settings of one asset of points, with its names (Vietnamese, English) and its worth."""

    names: tuple[str, str] = ("", "")
    expiry: Expiry = NEVER
    rounding: str = "floor"


@dataclass(frozen=True, kw_only=True)
class PointsRules:
    """Everything that is live, as loaded once per version of the programme's rules."""

    settings: tuple[SettingsTerms, ...] = ()
    earning: tuple[EarningTerms, ...] = ()
    multipliers: tuple[MultiplierTerms, ...] = ()

    @once
    def own_multipliers(self) -> dict[str, MultiplierTerms]:
        """The multipliers by their public ids."""
        return {one.public_id: one for one in self.multipliers}

    @once
    def sliding(self) -> dict[str, tuple[Expiry, ...]]:
        """By asset, the terms by which its lots live from activity to activity."""
        of_rules = tuple(one.expiry or NEVER for one in self.earning)
        found = {one.asset: (one.expiry, *of_rules) for one in self.settings}
        return {
            asset: tuple(one for one in terms if one.kind == "sliding")
            for asset, terms in found.items()
        }


@value
class Award(Value):
    """What one rule awards, the lines it came from, and what must remain of them to keep any.

    ``keep`` is the smallest share of the goods that still deserves something: the minimum spend, or
    one whole step. A refund that leaves less takes everything back, so that a bill cannot be bought
    for its points and returned but for one dong. ``steps`` is how many steps the goods make, as an
    exact fraction; 0 where nothing is counted in whole steps.
    """

    rule: EarningTerms
    points: int
    basis: Basis = ()
    keep: Share = NONE
    steps: Share = NONE
    details: Mapping[str, int] = field(default_factory=dict)


@value
class Bonus(Value):
    """What one multiplier adds to one award."""

    award: Award
    multiplier: Multiplier
    points: int
    basis: Basis


def base_award(rule: EarningTerms, activity: ActivityData) -> Award | None:
    """What a rule awards for an activity, limits and multipliers aside; ``None`` nothing.

    Money: ``floor(spent / per) * points`` or, proportional, ``spent * points / per`` rounded by the
    rule. Units the same on whole units. Both count the goods the rule covers, together.
    """
    if activity.sale is None:
        return Award.made(rule=rule, points=rule.points) if rule.basis == "fixed" else None
    lines, weights, spent = rule.restriction.goods(activity)
    if not lines:
        return None
    details = {"spent_minor": spent, "points": rule.points}
    # A minimum spend lies within what was spent, and one step within what was counted.
    keep, steps = (rule.restriction.minimum_minor, spent), NONE
    if rule.basis == "fixed":
        return Award.made(rule=rule, points=rule.points, basis=weights, keep=keep, details=details)
    if rule.basis == "money":
        counted, step, basis = spent, rule.per_minor, weights
        details["per_minor"] = rule.per_minor
    else:
        basis = tuple((line.number, line.quantity_milli - line.free_milli) for line in lines)
        counted, step = sum(milli for _line, milli in basis), 1000 * rule.per_units
        details |= {"units_milli": counted, "per_units": rule.per_units}
    if rule.proportional:
        points = rounded_ratio(counted * rule.points, step, rule.rounding)
    else:
        points = counted // step * rule.points
        if points and keep[0] * counted < step * keep[1]:
            keep = (step, counted)
        steps = (counted, step)
    if points <= 0:
        return None
    return Award.made(
        rule=rule,
        points=points,
        basis=basis,
        keep=keep,
        steps=steps,
        details=details,
    )


def pick(awards: Sequence[Award]) -> list[Award]:
    """Awards add up; of those in one stacking group the one of highest priority stands alone."""
    if len(awards) < 2:
        return list(awards)
    taken: set[tuple[str, str]] = set()
    picked = []
    for award in sorted(awards, key=lambda award: -award.rule.priority):
        group = award.rule.stacking_group
        if group and (award.rule.asset, group) in taken:
            continue
        taken.add((award.rule.asset, group))
        picked.append(award)
    return picked


def multiplied(
    awards: Sequence[Award], multipliers: Sequence[Multiplier], *, stacking: str, rounding: str
) -> tuple[list[Award], list[Bonus]]:
    """Awards of one asset after multipliers: the awards, and what each multiplier adds to each.

    Line by line, ``best`` takes the largest factor, ``product`` multiplies them, ``sum`` adds what
    each adds by itself (×2 and ×3 give ×4, so that ×1 stays neutral). The sum is rounded once, and
    the whole points go to the largest remainders. Factors below 1 shrink the awards themselves.
    """
    if not multipliers:
        return list(awards), []
    if len(multipliers) == 1 and multipliers[0].lines is None and multipliers[0].factor_bp > _BP:
        return list(awards), _one_factor(awards, multipliers[0], rounding)
    # Whole numbers all along: every part is so many of one ``unit``, the smallest there can be.
    wholes = [sum(weight for _line, weight in award.basis) or 1 for award in awards]
    power = len(multipliers) if stacking == "product" else 1
    unit = lcm(*wholes) * _BP**power
    added: dict[tuple[int, int], dict[int, int]] = {}
    for index, (award, whole) in enumerate(zip(awards, wholes, strict=True)):
        each = award.points * (unit // (whole * _BP**power))
        for line, weight in award.basis or ((0, 1),):
            for which, extra in _extras(each * weight, line, multipliers, stacking, power):
                lines = added.setdefault((index, which), {})
                lines[line] = lines.get(line, 0) + extra
    before = sum(award.points for award in awards)
    extra = sum(sum(lines.values()) for lines in added.values())
    total = max(rounded_ratio(before * unit + extra, unit, rounding), 0)
    if total < before:
        parts = split(total, [award.points for award in awards])
        shrunk = [changed(a, points=n) for a, n in zip(awards, parts, strict=True)]
        return [award for award in shrunk if award.points], []
    gains = {key: lines for key, lines in added.items() if sum(lines.values()) > 0}
    bonuses = [
        Bonus.made(
            award=awards[index],
            multiplier=multipliers[which],
            points=points,
            basis=_scaled(lines) if awards[index].basis else (),
        )
        for ((index, which), lines), points in zip(
            gains.items(),
            split(total - before, [sum(lines.values()) for lines in gains.values()]),
            strict=True,
        )
        if points
    ]
    return list(awards), bonuses


def _one_factor(awards: Sequence[Award], factor: Multiplier, rounding: str) -> list[Bonus]:
    """What the only multiplier, on all lines alike, adds to each award."""
    if len(awards) == 1:
        award = awards[0]
        part = rounded_ratio(award.points * factor.factor_bp, _BP, rounding) - award.points
        basis = _shortened(award.basis)
        return (
            [Bonus.made(award=award, multiplier=factor, points=part, basis=basis)] if part else []
        )
    points = [award.points for award in awards]
    total = rounded_ratio(sum(points) * factor.factor_bp, _BP, rounding) - sum(points)
    return [
        Bonus.made(award=award, multiplier=factor, points=part, basis=_shortened(award.basis))
        for award, part in zip(awards, split(total, points), strict=True)
        if part
    ]


def _extras(
    share: int, line: int, multipliers: Sequence[Multiplier], stacking: str, power: int
) -> list[tuple[int, int]]:
    """What each multiplier adds to a line's share of an award, in parts of 10000 to the ``power``."""
    meant = [
        (which, one.factor_bp)
        for which, one in enumerate(multipliers)
        if one.lines is None or line in one.lines
    ]
    if stacking == "best" and len(meant) > 1:
        meant = [max(meant, key=lambda pair: (pair[1], -pair[0]))]
    extras, running, left = [], 1, power
    for which, factor in meant:
        extras.append((which, share * running * (factor - _BP) * _BP ** (left - 1)))
        if stacking == "product":
            running, left = running * factor, left - 1
    return extras


def _scaled(lines: Mapping[int, int]) -> Basis:
    """Parts per line as small whole weights."""
    return _shortened(tuple(lines.items()))


def _shortened(basis: Basis) -> Basis:
    """The same weights, by their greatest common divisor."""
    if len(basis) == 1:
        return ((basis[0][0], 1),)
    shared = gcd(*[weight for _line, weight in basis])
    return tuple([(line, weight // shared) for line, weight in basis if weight > 0])


def _range(name: str, minimum: int, maximum: int) -> Invalid:
    return Invalid(
        "out_of_range",
        _("Give a number from %(minimum)s to %(maximum)s.")
        % {"minimum": minimum, "maximum": maximum},
        field=name,
        params={"minimum": minimum, "maximum": maximum},
    )
