"""Pure rules of rewards: codes, validity, what a voucher takes off a bill, what a draft must say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import end_of_day, local_day
from loyalty.common.errors import DomainError, Invalid, Refused
from loyalty.common.money import MAX_MINOR, split
from loyalty.engine.activity import Sale, SaleLine
from loyalty.engine.conditions import ACTIVITY_FACTS, faults, parse
from loyalty.engine.effects import Deduction
from loyalty.engine.world import VoucherView

# 31 signs that people do not mix up (no 0 O 1 I L). 31 is prime, so one weighted sum finds every
# single wrong sign and every two that were swapped.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
RANDOM_SIGNS = 11
CODE_LENGTH = RANDOM_SIGNS + 1

RESERVE_MINUTES = 15
MAX_VOUCHERS_PER_BILL = 10
MAX_VALID_DAYS = 3_650
MAX_COSTS = 5
MAX_CONDITIONS = 20


def new_code() -> str:
    """A fresh voucher code: 11 random signs (54 bits) and a check sign."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SIGNS))
    return body + check_sign(body)


def check_sign(body: str) -> str:
    """The sign that makes typing mistakes visible: sum of value x place, modulo 31."""
    total = sum(place * _VALUE[sign] for place, sign in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def normal_code(text: str) -> str:
    """A code as it is stored, from what was typed or scanned; empty where it cannot be one."""
    code = "".join(sign for sign in text.upper() if sign not in " -\u2013\u00a0\t\r\n")
    if len(code) != CODE_LENGTH or any(sign not in _VALUE for sign in code):
        return ""
    return code if check_sign(code[:-1]) == code[-1] else ""


def shown_code(code: str) -> str:
    """A code in groups of four, as people read it out."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def expires_at(
    *, validity: str, days: int | None, until: date | None, now: datetime, zone: str
) -> datetime | None:
    """When a voucher issued now dies: at the end of its last local day. ``None`` never."""
    if validity == "days":
        assert days is not None
        return end_of_day(local_day(now, zone) + timedelta(days=days), zone)
    if validity == "date":
        assert until is not None
        return end_of_day(until, zone)
    return None


def worth_minor(units: int, *, value_minor: int, value_units: int) -> int:
    """What so many units of an asset are worth, in minor units of money, rounded down."""
    return units * value_minor // value_units


def deductions(
    view: VoucherView, sale: Sale, *, left: Mapping[int, int], field: str
) -> tuple[Deduction, ...]:
    """What a voucher takes off the goods of a bill, never more than what is left to pay of them.

    Args:
        left: what is left to pay of each line, other vouchers of this bill taken into account.

    Raises ``Refused`` (``voucher_minimum``, ``voucher_product_missing``, ``voucher_nothing_left``).
    """
    if sale.net_minor < view.minimum_minor:
        raise Refused(
            "voucher_minimum",
            _("“%(name)s” needs a bill of at least %(minimum)s.")
            % {"name": view.name, "minimum": view.minimum_minor},
            field=field,
            params={"minimum": view.minimum_minor, "missing": view.minimum_minor - sale.net_minor},
        )
    if view.kind == "product":
        return _free_product(view, sale, left, field)
    if view.kind not in ("amount", "percent"):
        return ()
    rooms = [max(left[line.number], 0) for line in sale.goods]
    if sum(rooms) == 0:
        raise _nothing_left(view, field)
    if view.kind == "amount":
        off = view.value_minor
    else:
        off = sum(rooms) * view.value_bp // 10_000
        off = off if view.cap_minor is None else min(off, view.cap_minor)
    return _spread(min(off, sum(rooms)), sale.goods, rooms)


def _spread(off: int, lines: Sequence[SaleLine], rooms: Sequence[int]) -> tuple[Deduction, ...]:
    parts = split(off, rooms)
    return tuple(
        Deduction(line=line.number, amount_minor=part, means="voucher")
        for line, part in zip(lines, parts, strict=True)
        if part
    )


def _free_product(
    view: VoucherView, sale: Sale, left: Mapping[int, int], field: str
) -> tuple[Deduction, ...]:
    """The dearest unit that matches. A bill without products is lowered by the stated worth."""
    matching = [line for line in sale.goods if _matches(view, line) and left[line.number] > 0]
    bare = not any(line.sku or line.categories for line in sale.goods)
    if not matching and bare and view.cap_minor:
        rooms = [max(left[line.number], 0) for line in sale.goods]
        return _spread(min(view.cap_minor, sum(rooms)), sale.goods, rooms)
    if not matching:
        raise Refused(
            "voucher_product_missing",
            _("“%(name)s” needs its product on the bill. Add the product, then the voucher.")
            % {"name": view.name},
            field=field,
            params={"skus": list(view.skus), "categories": list(view.categories)},
        )
    line = max(matching, key=lambda one: (_unit_minor(one, left), -one.number))
    worth = _unit_minor(line, left)
    # Free altogether only where the voucher covers the unit; then the unit earns no stamp.
    covered = view.cap_minor is None or worth <= view.cap_minor
    off = worth if covered else view.cap_minor or 0
    free = min(1000, line.quantity_milli) if covered else 0
    return (Deduction(line=line.number, amount_minor=off, means="voucher", free_milli=free),)


def _matches(view: VoucherView, line: SaleLine) -> bool:
    if not view.skus and not view.categories:
        return True
    return line.sku in view.skus or bool(set(line.categories) & set(view.categories))


def _unit_minor(line: SaleLine, left: Mapping[int, int]) -> int:
    quantity = max(line.quantity_milli, 1000)
    return min(line.net_minor * 1000 // quantity, left[line.number])


def _nothing_left(view: VoucherView, field: str) -> Refused:
    return Refused(
        "voucher_nothing_left",
        _("Nothing is left to pay on this bill for “%(name)s”. Keep the voucher.")
        % {"name": view.name},
        field=field,
    )


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One price of a reward, in units of an asset."""

    asset: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class TermsInput:
    """The terms of a reward as they come in. Amounts in minor units, shares in basis points.

    ``value_minor`` is the amount off, or the most a percentage or a free product takes off (0: no
    limit). ``costs`` are alternatives: a member pays any one of them. ``audience`` are conditions
    (``fact``, ``op``, ``value``) that must hold for whoever buys it.
    """

    name_vi: str = ""
    name_en: str = ""
    description_vi: str = ""
    description_en: str = ""
    kind: str
    value_minor: int = 0
    value_bp: int = 0
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    minimum_minor: int = 0
    costs: tuple[Cost, ...] = ()
    per_member: int | None = None
    audience: tuple[Mapping[str, Any], ...] = ()
    validity: str = "days"
    valid_days: int | None = 30
    valid_until_on: date | None = None

    def problems(self, *, kinds: Sequence[str], assets: Sequence[str]) -> list[DomainError]:
        """Everything that is wrong with these terms, each error naming its field."""
        return [
            error
            for error in (
                *self._naming(kinds),
                *self._value(),
                *self._prices(assets),
                *self._validity(),
                *self._audience(),
            )
            if error is not None
        ]

    def _naming(self, kinds: Sequence[str]) -> list[DomainError | None]:
        named = self.name_vi.strip() or self.name_en.strip()
        return [
            None if named else Invalid("required", _("Give the reward a name."), field="name_vi"),
            None
            if self.kind in kinds
            else Invalid("unknown_kind", _("Choose what kind of reward it is."), field="kind"),
            _within(self.minimum_minor, 0, MAX_MINOR, "minimum_minor"),
            None
            if self.per_member is None
            else _within(self.per_member, 1, 1_000_000, "per_member"),
        ]

    def _value(self) -> list[DomainError | None]:
        if self.kind == "amount_off":
            return [_within(self.value_minor, 1, MAX_MINOR, "value_minor")]
        found = [_within(self.value_minor, 0, MAX_MINOR, "value_minor")]
        if self.kind == "percent_off":
            found.append(_within(self.value_bp, 1, 10_000, "value_bp"))
        if self.kind == "free_product" and not (self.skus or self.categories or self.value_minor):
            found.append(
                Invalid(
                    "no_product",
                    _("Say which products are free, or up to which price."),
                    field="skus",
                )
            )
        return found

    def _prices(self, assets: Sequence[str]) -> list[DomainError | None]:
        found: list[DomainError | None] = []
        if len(self.costs) > MAX_COSTS or len({one.asset for one in self.costs}) < len(self.costs):
            found.append(Invalid("bad_costs", _("Give one price per asset."), field="costs"))
        for number, cost in enumerate(self.costs):
            if cost.asset not in assets:
                found.append(
                    Invalid(
                        "unknown_asset",
                        _("This programme does not count “%(asset)s”.") % {"asset": cost.asset},
                        field=f"costs.{number}.asset",
                    )
                )
            found.append(_within(cost.amount, 1, MAX_MINOR, f"costs.{number}.amount"))
        return found

    def _audience(self) -> list[DomainError | None]:
        if len(self.audience) > MAX_CONDITIONS:
            text = _("Give at most %(n)s conditions.") % {"n": MAX_CONDITIONS}
            return [Invalid("too_many", text, field="audience")]
        if broken := list(faults(self.audience)):
            return [*broken]
        found = parse(self.audience)
        return [
            Invalid(
                "not_of_members", _("Ask for something about the member."), field=f"audience.{n}"
            )
            for n, one in enumerate(found)
            if one.fact in ACTIVITY_FACTS
        ]

    def _validity(self) -> list[DomainError | None]:
        if self.validity == "days":
            if self.valid_days is None:
                return [Invalid("required", _("Say for how many days."), field="valid_days")]
            return [_within(self.valid_days, 0, MAX_VALID_DAYS, "valid_days")]
        if self.validity == "date" and self.valid_until_on is None:
            return [Invalid("required", _("Give the last day."), field="valid_until_on")]
        if self.validity not in ("days", "date", "unlimited"):
            return [
                Invalid("unknown_validity", _("Choose how long it is valid."), field="validity")
            ]
        return []


def _within(value: int, minimum: int, maximum: int, field: str) -> DomainError | None:
    if not isinstance(value, bool) and isinstance(value, int) and minimum <= value <= maximum:
        return None
    return Invalid(
        "out_of_range",
        _("Give a number from %(minimum)s to %(maximum)s.")
        % {"minimum": minimum, "maximum": maximum},
        field=field,
        params={"minimum": minimum, "maximum": maximum},
    )
