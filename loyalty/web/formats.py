"""How values are written for people: money, counts, signs, percentages and instants.

Pure text functions over Babel; they know the active language and time zone, no request and no
model. Amounts are integers in minor units, rates are basis points, instants are aware datetimes.
Nothing here rounds: what is shown is what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from loyalty.common.money import to_major

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
# Endings of English plurals, the longest first; those that end a singular stay.
_PLURALS = (
    *((word, word) for word in ("ss", "us", "is")),
    *((f"{word}es", word) for word in ("ss", "x", "ch", "sh")),
    ("ies", "y"),
    ("s", ""),
)
_RELATIVE_FOR = timedelta(days=7)


def locale() -> Locale:
    """The Babel locale of the active language; English when none is active."""
    return Locale.parse((get_language() or "en").replace("-", "_"))


def money_text(amount_minor: int, *, currency: str, signed: bool = False) -> str:
    """An amount in the smallest unit of its currency, e.g. 125000 VND -> `125.000 ₫`."""
    value = to_major(abs(amount_minor), currency)
    return _sign(amount_minor, signed) + format_currency(value, currency, locale=locale())


def number_text(value: int, *, signed: bool = False) -> str:
    """A count with the language's digit groups; a true minus sign."""
    return _sign(value, signed) + format_decimal(abs(value), locale=locale())


def quantity_text(milli: int) -> str:
    """A quantity in thousandths of a unit: 2000 -> `2`, 1500 -> `1.5`."""
    return format_decimal(Decimal(milli) / 1000, locale=locale())


def points_text(points: int, *, unit: str = "", signed: bool = False) -> str:
    """A count of points; `unit` replaces the word, e.g. `stars`."""
    amount = number_text(points, signed=signed)
    if unit:
        return f"{amount} {unit_of(points, unit)}"
    return ngettext("%(amount)s point", "%(amount)s points", abs(points)) % {"amount": amount}


def factor_text(factor_bp: int, *, unit: str = "") -> str:
    """How many times over points count: 15000 -> `points ×1.5`; `unit` replaces the word."""
    return f"{unit or _('points')} ×{quantity_text(factor_bp // 10)}"


@dataclass(frozen=True)
class Unit:
    """What amounts of an asset are counted in: a word (``stars``), or money of a currency."""

    word: str
    currency: str = ""

    def text(self, amount: int, *, signed: bool = False) -> str:
        """An amount with its unit: ``3 stars``, ``12.000 ₫``."""
        if self.currency:
            return money_text(amount, currency=self.currency, signed=signed)
        return points_text(amount, unit=self.word, signed=signed)


def unit_of(amount: int, unit: str) -> str:
    """What so much of an asset is called: ``point`` for one, where the language tells them apart."""
    return _singular(unit) if abs(amount) == 1 else unit


def _singular(unit: str) -> str:
    """The name of an asset for one of it: owners give the plural, which only English tells apart.

    By the regular endings; a word that has none of them stays as it is (`credit`, `bonus`).
    """
    if locale().language != "en":
        return unit
    if unit.startswith("stamps "):
        return f"stamp {unit.removeprefix('stamps ')}"
    for ending, single in _PLURALS:
        if unit.endswith(ending):
            return unit.removesuffix(ending) + single
    return unit


def percent_text(basis_points: int, *, signed: bool = False) -> str:
    """1250 -> `12.5%`; keeps up to two decimals."""
    share = Decimal(abs(basis_points)) / 10_000
    return _sign(basis_points, signed) + format_percent(share, format="#,##0.##%", locale=locale())


def instant_text(at: datetime) -> str:
    """The full local date and time."""
    return format_datetime(timezone.localtime(at), "d MMM y, HH:mm", locale=locale())


def day_text(on: date | datetime) -> str:
    """A calendar day; of an instant, its local day."""
    day = timezone.localtime(on).date() if isinstance(on, datetime) else on
    return format_date(day, "d MMM y", locale=locale())


def relative_text(at: datetime, *, now: datetime) -> str:
    """Within a week `5 minutes ago` / `in 3 days`; further away the local day."""
    distance = at - now
    if abs(distance) >= _RELATIVE_FOR:
        return day_text(at)
    if abs(distance) < timedelta(seconds=45):
        return _("just now")
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    if local.date() == today - timedelta(days=1):
        return _("yesterday at %(time)s") % {"time": _clock_text(local)}
    return format_timedelta(distance, add_direction=True, locale=locale())


def _clock_text(local: datetime) -> str:
    return format_time(local, "HH:mm", locale=locale())


def _sign(value: int, signed: bool) -> str:
    if value < 0:
        return MINUS
    return "+" if signed and value > 0 else ""
