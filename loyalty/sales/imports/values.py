"""Amounts, quantities and dates as people and tills write them, parsed exactly or refused.

No float is ever used. Where one text can mean two numbers (`1.234`), the style of the whole file
decides; where the file does not tell, the row is refused rather than guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from loyalty.common.money import MAX_MINOR

DecimalMark = Literal[".", ",", ""]
DateOrder = Literal["dmy", "mdy", "ymd", ""]

QUANTITY_LIMIT = 10**7  # the limit of a sale's line (sales.rules)

_PLAIN = re.compile(r"-?\d{1,18}(?:\.\d{1,2})?\Z", re.ASCII)
_NUMBER = re.compile(r"(?:\d[\d.,]*|\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?)\Z", re.ASCII)
_SYMBOL = r"(?:₫|đồng|vnđ|vnd|đ|d|£|gbp|\$|usd|€|eur|¥|jpy|฿|thb|kwd)?"
_SIGNED = re.compile(
    rf"\s*(?P<open>[-+(]?)\s*{_SYMBOL}\s*(?P<inner>[-+]?)\s*(?P<body>\d[\d.,' ]*?)"
    rf"\s*{_SYMBOL}\s*(?P<close>[-)]?)\s*\Z",
    re.ASCII | re.IGNORECASE,
)
_LOOKALIKES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " "})
_MERIDIEM = {"am": 0, "sa": 0, "pm": 12, "ch": 12}
_DATE = re.compile(
    r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*([APSC][MAH])\.?)?)?\Z",
    re.ASCII | re.IGNORECASE,
)
_ISO_MINUTE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d", re.ASCII)


class ValueProblem(Exception):
    """A value that cannot be taken; `reason` is a key of `outcomes.REASONS`."""

    def __init__(self, reason: str, *, field: str = "", text: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self.text = reason, field, text


@dataclass(frozen=True, slots=True)
class Styles:
    """How this file writes numbers and dates. Empty means the file did not tell."""

    decimal_mark: DecimalMark = ""
    date_order: DateOrder = ""


def parse_number(text: str, *, decimal_mark: DecimalMark, exponent: int) -> Decimal:
    """Exact decimal of `1.234,56`, `125.000 ₫`, `(12.50)`, `12-`.

    `exponent` is the currency's number of decimals: with none, one mark before three digits can
    only separate thousands. Raises ValueProblem `bad_amount` or `ambiguous_amount`.
    """
    if decimal_mark == "." and _PLAIN.match(text):
        return Decimal(text)
    body, negative = _strip_signs(text)
    if not _NUMBER.match(body):
        raise ValueProblem("bad_amount", text=text)
    number = _join(body.replace(" ", "").replace("'", ""), decimal_mark, exponent, text)
    return -number if negative else number


def parse_quantity(text: str, *, decimal_mark: DecimalMark) -> Decimal:
    """Exact quantity; weighed goods may have decimals. Raises ValueProblem `bad_quantity`."""
    try:
        if text.lstrip("-").isdigit() and text.isascii():
            number = Decimal(text)
        else:
            # Quantities of a thousand with a mark are rarer than 1.500 kg: three digits decide
            # nothing here, the file's own style does.
            number = parse_number(text, decimal_mark=decimal_mark, exponent=3)
    except (ValueProblem, ArithmeticError) as error:
        raise ValueProblem("bad_quantity", text=text) from error
    if abs(number) > QUANTITY_LIMIT:
        raise ValueProblem("bad_quantity", text=text)
    return number


def exact_minor(amount: Decimal, *, exponent: int) -> int:
    """Minor units of an amount that must fit the currency.

    Raises ValueProblem `too_many_decimals` or `amount_too_large`.
    """
    minor = amount.scaleb(exponent)
    if minor != minor.to_integral_value():
        raise ValueProblem("too_many_decimals", text=str(amount))
    return _limited(int(minor))


def line_minor(*, quantity: Decimal, unit_price: Decimal, exponent: int) -> int:
    """Quantity x price in minor units. A price may be finer than the currency (0.001); the line
    is computed exactly and rounded once, half up. Raises ValueProblem `amount_too_large`.
    """
    exact = (quantity * unit_price).scaleb(exponent)
    return _limited(int(exact.to_integral_value(rounding=ROUND_HALF_UP)))


def detect_decimal_mark(texts: Iterable[str], *, exponent: int) -> DecimalMark:
    """The mark that separates decimals in these values, told by those that can mean one thing."""
    votes = {".": 0, ",": 0}
    for text in texts:
        body = _strip_signs(text)[0].replace(" ", "").replace("'", "")
        if not _NUMBER.match(body):
            continue
        mark = _certain_mark(body, exponent)
        if mark:
            votes[mark] += 1
    if votes["."] == votes[","]:
        return ""
    return "." if votes["."] > votes[","] else ","


def detect_date_order(texts: Iterable[str]) -> DateOrder:
    """Day or month first, told by a part above twelve. Conflicting evidence tells nothing."""
    day_first = month_first = year_first = 0
    for text in texts:
        found = _DATE.match(text.strip())
        if not found:
            continue
        first, second = int(found[1]), int(found[2])
        year_first += len(found[1]) == 4
        if len(found[1]) < 3:
            day_first += first > 12 >= second
            month_first += second > 12 >= first
    if year_first and not (day_first or month_first):
        return "ymd"
    if bool(day_first) == bool(month_first):
        return ""
    return "dmy" if day_first else "mdy"


def parse_instant(text: str, *, order: DateOrder, zone: ZoneInfo) -> dt.datetime:
    """An aware instant. Local times are the shop's (`zone`); an hour that happens twice in autumn
    is taken as the first. A date alone means noon. Raises ValueProblem `bad_date`.
    """
    text = text.strip()
    try:
        if _ISO_MINUTE.match(text):
            at = dt.datetime.fromisoformat(text)
        else:
            at = _parse_loose(text, order)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        moment = at.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueProblem("bad_date", text=text) from error
    if moment.year < 1990:
        raise ValueProblem("bad_date", text=text)
    return moment


def parse_day(text: str, *, order: DateOrder) -> dt.date:
    """A calendar date. Raises ValueProblem `bad_date`."""
    try:
        return _parse_loose(text.strip(), order).date()
    except ValueError as error:
        raise ValueProblem("bad_date", text=text) from error


def _strip_signs(text: str) -> tuple[str, bool]:
    """Body without currency and sign, and whether it is negative: `-5`, `5-`, `(5)`, `₫-5`."""
    found = _SIGNED.match(text.translate(_LOOKALIKES))
    if not found:
        return "", False
    signs = found["open"] + found["inner"] + found["close"]
    if signs not in ("", "+", "-", "()"):
        return "", False
    return found["body"], signs in ("-", "()")


def _certain_mark(body: str, exponent: int) -> DecimalMark:
    """The decimal mark this one value proves, or "" when it could be read both ways."""
    dots, commas = body.count("."), body.count(",")
    if not (dots or commas):
        return ""
    if dots and commas:
        dot_last = body.rfind(".") > body.rfind(",")
        return _mark(dot=dot_last) if (dots if dot_last else commas) == 1 else ""
    whole, _present, rest = body.rpartition("." if dots else ",")
    if max(dots, commas) > 1:
        return _mark(dot=bool(commas))
    if len(rest) != 3 or len(whole) > 3 or whole == "0":
        return _mark(dot=bool(dots))
    return _mark(dot=bool(commas)) if exponent == 0 else ""


def _mark(*, dot: bool) -> DecimalMark:
    return "." if dot else ","


def _join(body: str, decimal_mark: DecimalMark, exponent: int, text: str) -> Decimal:
    """Apply the mark; grouping must be in threes, or the text is no number."""
    if "." not in body and "," not in body:
        return Decimal(body)
    mark = decimal_mark or _certain_mark(body, exponent)
    if not mark:
        raise ValueProblem("ambiguous_amount", text=text)
    grouping = "," if mark == "." else "."
    whole, _mark, fraction = body.partition(mark)
    groups = whole.split(grouping)
    if fraction and not fraction.isdigit():
        raise ValueProblem("bad_amount", text=text)
    if len(groups) > 1 and not _grouped_in_threes(groups):
        raise ValueProblem("bad_amount", text=text)
    return Decimal("".join(groups) + (f".{fraction}" if fraction else ""))


def _grouped_in_threes(groups: list[str]) -> bool:
    head, *rest = groups
    return 1 <= len(head) <= 3 and head != "0" and all(len(part) == 3 for part in rest)


def _limited(minor: int) -> int:
    if abs(minor) > MAX_MINOR:
        raise ValueProblem("amount_too_large", text=str(minor))
    return minor


def _parse_loose(text: str, order: DateOrder) -> dt.datetime:
    found = _DATE.match(text)
    if not found:
        return dt.datetime.fromisoformat(text)
    first, second, third = found[1], found[2], found[3]
    if len(first) == 4:
        year, month, day = int(first), int(second), int(third)
    elif order == "mdy":
        year, month, day = _year(third), int(first), int(second)
    else:
        year, month, day = _year(third), int(second), int(first)
    hour = int(found[4] or 12)
    if found[7]:
        if not 1 <= hour <= 12:
            raise ValueError("hour")
        hour = hour % 12 + _MERIDIEM[found[7].lower()]
    return dt.datetime(year, month, day, hour, int(found[5] or 0), int(found[6] or 0))  # noqa: DTZ001


def _year(text: str) -> int:
    """Two-digit years are of this century: no till exports the last one."""
    if len(text) == 2:
        return 2000 + int(text)
    if len(text) == 4:
        return int(text)
    raise ValueError("year")
