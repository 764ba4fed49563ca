"""Money as integers in the currency's minor unit (VND has none: 125.000 ₫ is ``125000``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor

from babel.core import Locale
from babel.numbers import format_currency, get_currency_precision, is_currency
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid

# Far above any till, far below the 64 bits of a database column: products of an amount and a
# rate in basis points still fit.
MAX_MINOR = 10**14
# What a database column holds at most, either way.
MAX_WHOLE = 2**63 - 1


def exponent(currency: str) -> int:
    """Decimals of an ISO 4217 currency: VND 0, USD 2, KWD 3."""
    return get_currency_precision(currency)


def check_currency(code: str, *, field: str = "currency") -> str:
    """The code in upper case. Raises ``Invalid`` when ISO 4217 knows no such currency."""
    upper = code.upper()
    if len(upper) != 3 or not upper.isascii() or not is_currency(upper):
        raise Invalid(
            "unknown_currency",
            _("Unknown currency “%(code)s”. Give an ISO 4217 code such as VND or USD.")
            % {"code": code[:12]},
            field=field,
        )
    return upper


def check_minor(value: object, *, field: str, minimum: int = 0, maximum: int = MAX_MINOR) -> int:
    """An integer amount within bounds. Raises ``Invalid`` for anything else, floats included."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(
            "not_an_integer",
            _("Give a whole number in the currency's smallest unit, without decimals."),
            field=field,
        )
    if not minimum <= value <= maximum:
        raise Invalid(
            "out_of_range",
            _("Give a number from %(minimum)s to %(maximum)s.")
            % {"minimum": minimum, "maximum": maximum},
            field=field,
            params={"minimum": minimum, "maximum": maximum},
        )
    return value


def number_faults(value: object, *, field: str) -> Iterator[Invalid]:
    """The faults of a JSON value that holds numbers nothing can keep, each at its own place: with
    decimals, or beyond 64 bits.
    """
    is_kept = not isinstance(value, int | Decimal | float) or -MAX_WHOLE <= value <= MAX_WHOLE
    if not is_kept:
        bounds = {"minimum": -MAX_WHOLE, "maximum": MAX_WHOLE}
        text = _("Give a number from %(minimum)s to %(maximum)s.") % bounds
        yield Invalid("out_of_range", text, field=field, params=bounds)
    elif isinstance(value, Decimal | float):
        wanted = _("Give a whole number: no text, no decimals.")
        yield Invalid("not_an_integer", wanted, field=field)
    elif isinstance(value, Mapping | list):
        inside = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, one in inside:
            yield from number_faults(one, field=f"{field}.{name}")


def to_minor(amount: Decimal | str, currency: str, *, field: str = "amount") -> int:
    """A plain decimal number in major units as minor units, exactly.

    Raises ``Invalid`` for what is no finite number, or has more decimals than the currency.
    """
    try:
        scaled = Decimal(amount).scaleb(exponent(currency))
    except (InvalidOperation, ValueError) as error:
        raise Invalid("not_a_number", _("Give an amount in digits."), field=field) from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise Invalid(
            "too_many_decimals",
            _("%(currency)s takes %(decimals)s decimals.")
            % {"currency": currency, "decimals": exponent(currency)},
            field=field,
        )
    return check_minor(int(scaled), field=field, minimum=-MAX_MINOR)


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal number of major units."""
    return Decimal(minor).scaleb(-exponent(currency))


def format_money(minor: int, currency: str, language: str) -> str:
    """The amount as people of that language write it: ``125.000 ₫``, ``$12.50``."""
    return format_currency(to_major(minor, currency), currency, locale=Locale.parse(language))


def rounded(value: Fraction, rounding: str) -> int:
    """To a whole number: ``floor``, ``half_up`` (2.5 is 3) or ``ceil``."""
    if rounding == "ceil":
        return ceil(value)
    return floor(value + Fraction(1, 2)) if rounding == "half_up" else floor(value)


def rounded_ratio(over: int, under: int, rounding: str) -> int:
    """The same of ``over / under``, with ``under`` > 0, without making a fraction of them."""
    if rounding == "ceil":
        return -(-over // under)
    return (2 * over + under) // (2 * under) if rounding == "half_up" else over // under


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split an integer by weights so that the parts add up to it exactly.

    Largest remainder (Hamilton): everyone gets the floor, the rest goes one by one to the largest
    remainders, ties to the earlier. With all weights zero the first part takes everything.
    """
    if len(weights) == 1:
        return [total]
    whole = sum(weights)
    if not weights:
        return []
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))]
    parts = [total * weight // whole for weight in weights]
    missing = total - sum(parts)
    if missing:
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
        for index in by_remainder[:missing]:
            parts[index] += 1
    return parts
