"""From a row of text to a sale line: plain integers, or the reason it cannot be taken.

Amounts are minor units of the programme's currency, quantities thousandths (weighed goods), time is
seconds since 1970 (UTC). A customer is written `kind:value`, as typed but for a number that a
spreadsheet turned into `17850.0`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from loyalty.sales.imports.mapping import CUSTOMER_FIELDS, SalesMapping
from loyalty.sales.imports.reader import Row
from loyalty.sales.imports.values import (
    Styles,
    ValueProblem,
    exact_minor,
    line_minor,
    parse_instant,
    parse_number,
    parse_quantity,
)

QUANTITY_SCALE = 1000
# Receipts leave room for the suffix of a refund (`services`), in columns of 80 and 60.
TEXT_LIMITS = {"receipt": 70, "product_code": 60, "customer": 128}
NAME_LIMIT = 300
CATEGORY_LIMIT = 60
_FLOATED_NUMBER = re.compile(r"\d+\.0+\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One line of a file. `digest` is equal for rows equal in every column."""

    row: int
    digest: bytes
    receipt: str
    customer: str
    product_code: str
    description: str
    category: str
    quantity_milli: int
    unit_price_minor: int
    total_minor: int
    discount_minor: int
    at: int


@dataclass(frozen=True, slots=True)
class LineContext:
    """What the file alone does not say. `now` bounds dates; `exponent` is of the currency."""

    currency: str
    exponent: int
    zone: ZoneInfo
    now: int
    styles: Styles


class LineParser:
    """Turns rows into lines for one header and mapping. Raises ValueProblem per row."""

    def __init__(
        self, *, header: tuple[str, ...], mapping: SalesMapping, context: LineContext
    ) -> None:
        self._context = context
        self._index = {name: header.index(column) for name, column in mapping.columns.items()}
        self._customer = self._customer_reader(mapping)
        styles = context.styles

        @lru_cache(maxsize=4096)
        def instant(text: str) -> int:
            return int(parse_instant(text, order=styles.date_order, zone=context.zone).timestamp())

        @lru_cache(maxsize=4096)
        def number(text: str) -> Decimal:
            return parse_number(text, decimal_mark=styles.decimal_mark, exponent=context.exponent)

        self._instant: Callable[[str], int] = instant
        self._number: Callable[[str], Decimal] = number

    def parse(self, row: Row) -> SaleLine:
        values = row.values
        receipt = self._text(values, "receipt")
        if not receipt:
            raise ValueProblem("missing_value", field="receipt")
        self._check_currency(values)
        at = self._at(values)
        quantity = self._quantity(values)
        unit_price_minor, total_minor, discount_minor = self._amounts(values, quantity)
        return SaleLine(
            row=row.number,
            digest=hashlib.blake2b("\x1f".join(values).encode(), digest_size=12).digest(),
            receipt=receipt,
            customer=self._customer(values),
            product_code=self._text(values, "product_code"),
            description=self._get(values, "description")[:NAME_LIMIT],
            category=self._get(values, "category")[:CATEGORY_LIMIT],
            quantity_milli=int(quantity * QUANTITY_SCALE),
            unit_price_minor=unit_price_minor,
            total_minor=total_minor,
            discount_minor=discount_minor,
            at=at,
        )

    def receipt_of(self, values: tuple[str, ...]) -> str:
        """The receipt number of a row that breaks off, if it came so far; else empty."""
        index = self._index["receipt"]
        return values[index].strip() if index < len(values) - 1 else ""

    def _get(self, values: tuple[str, ...], name: str) -> str:
        index = self._index.get(name)
        return values[index] if index is not None else ""

    def _text(self, values: tuple[str, ...], name: str) -> str:
        text = self._get(values, name)
        if len(text) > TEXT_LIMITS[name]:
            raise ValueProblem("value_too_long", field=name, text=text[:32])
        return text

    def _check_currency(self, values: tuple[str, ...]) -> None:
        stated = self._get(values, "currency").upper()
        if stated and stated != self._context.currency:
            raise ValueProblem("wrong_currency", field="currency", text=stated[:8])

    def _at(self, values: tuple[str, ...]) -> int:
        text = self._get(values, "occurred_at")
        clock = self._get(values, "time_of_day")
        if not text:
            raise ValueProblem("missing_value", field="occurred_at")
        at = self._instant(f"{text} {clock}" if clock else text)
        if at > self._context.now:
            raise ValueProblem("date_in_future", field="occurred_at", text=text)
        return at

    def _quantity(self, values: tuple[str, ...]) -> Decimal:
        text = self._get(values, "quantity")
        if not text:
            if "quantity" in self._index:
                raise ValueProblem("missing_value", field="quantity")
            return Decimal(1)
        quantity = parse_quantity(text, decimal_mark=self._context.styles.decimal_mark)
        if quantity * QUANTITY_SCALE != int(quantity * QUANTITY_SCALE):
            raise ValueProblem("fractional_quantity", field="quantity", text=text)
        return quantity

    def _amounts(self, values: tuple[str, ...], quantity: Decimal) -> tuple[int, int, int]:
        """(unit price, line total, what the line was lowered by), the last never negative.

        A stated total wins: it knows discounts and the till's own rounding.
        """
        exponent = self._context.exponent
        price_text = self._get(values, "unit_price")
        total_text = self._get(values, "line_total")
        if not price_text and not total_text:
            raise ValueProblem("missing_value", field="unit_price")
        if not price_text:
            total = exact_minor(self._number(total_text), exponent=exponent)
            return _unit_minor(total, quantity), total, 0
        price = self._number(price_text)
        unit = line_minor(quantity=Decimal(1), unit_price=price, exponent=exponent)
        full = line_minor(quantity=quantity, unit_price=price, exponent=exponent)
        if total_text:
            total = exact_minor(self._number(total_text), exponent=exponent)
        else:
            total = full - self._discount(values, negative=quantity < 0)
        return unit, total, max(abs(full) - abs(total), 0)

    def _discount(self, values: tuple[str, ...], *, negative: bool) -> int:
        text = self._get(values, "line_discount")
        if not text:
            return 0
        discount = abs(exact_minor(self._number(text), exponent=self._context.exponent))
        return -discount if negative else discount

    def _customer_reader(self, mapping: SalesMapping) -> Callable[[tuple[str, ...]], str]:
        """The first filled column of those that name a customer, in the order of the mapping."""
        places = [
            (_kind_of(name, mapping), self._index[name])
            for name in CUSTOMER_FIELDS
            if name in self._index
        ]

        def read(values: tuple[str, ...]) -> str:
            for kind, index in places:
                text = values[index]
                if text:
                    return f"{kind}:{_customer_text(text)}"
            return ""

        return read


def sample_texts(
    rows: list[Row], header: tuple[str, ...], mapping: SalesMapping, names: tuple[str, ...]
) -> list[str]:
    """What stands in these fields of a sample of rows, to learn the style of the file from."""
    indexes = [header.index(mapping.columns[name]) for name in names if name in mapping.columns]
    return [row.values[index] for row in rows for index in indexes]


def _kind_of(name: str, mapping: SalesMapping) -> str:
    return mapping.customer_kind if name == "customer" else name


def _customer_text(text: str) -> str:
    if len(text) > TEXT_LIMITS["customer"]:
        raise ValueProblem("value_too_long", field="customer", text=text[:32])
    return text.partition(".")[0] if _FLOATED_NUMBER.match(text) else text


def _unit_minor(total_minor: int, quantity: Decimal) -> int:
    if not quantity:
        return 0
    return int((Decimal(total_minor) / quantity).to_integral_value(rounding=ROUND_HALF_UP))
