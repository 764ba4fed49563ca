"""Lines gathered into receipts in the order of time, on disk, in constant memory.

Files need not be in order: the lines go to a temporary SQLite file first and come back receipt by
receipt, purchases before cancellations within the same second. `judge_receipt` then gives every
line that is not a sale or a cancellation its outcome. Pure but for the temporary file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from loyalty.sales.imports.lines import SaleLine
from loyalty.sales.imports.mapping import SalesMapping

RECEIPT_SPAN_SECONDS = 24 * 3600
FLUSH_ROWS = 5000

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE line (
  row INTEGER PRIMARY KEY, digest BLOB, receipt TEXT, customer TEXT, product_code TEXT,
  description TEXT, category TEXT, quantity_milli INTEGER, unit_price_minor INTEGER,
  total_minor INTEGER, discount_minor INTEGER, at INTEGER
);
"""
_ARRANGE = """
CREATE TABLE receipt AS
  SELECT receipt AS number,
         row_number() OVER (ORDER BY min(at), max(quantity_milli) <= 0, min(row)) AS place
  FROM line GROUP BY receipt;
CREATE INDEX line_by_receipt ON line (receipt, row);
"""
_ORDERED = """
SELECT receipt.place, line.*
FROM receipt CROSS JOIN line ON line.receipt = receipt.number
ORDER BY receipt.place, line.row
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """All lines of one receipt number. `place` is its position in time within the file."""

    place: int
    number: str
    lines: tuple[SaleLine, ...]


@dataclass(frozen=True, slots=True)
class JudgedReceipt:
    """What is left to record: `sold` and `returned` lines of one customer, and what was judged."""

    receipt: Receipt
    customer: str
    at: int
    sold: tuple[SaleLine, ...]
    returned: tuple[SaleLine, ...]
    judged: tuple[tuple[int, str], ...]


class Spool:
    """A temporary store for the lines of one file. Use as a context manager."""

    def __init__(self) -> None:
        # An unnamed database is private, spills to disk, and vanishes with the process.
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(_SCHEMA)
        self._waiting: list[tuple[object, ...]] = []
        self._arranged = False

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_error: object) -> None:
        self._base.close()

    def add(self, line: SaleLine) -> None:
        self._waiting.append(
            (
                line.row,
                line.digest,
                line.receipt,
                line.customer,
                line.product_code,
                line.description,
                line.category,
                line.quantity_milli,
                line.unit_price_minor,
                line.total_minor,
                line.discount_minor,
                line.at,
            )
        )
        if len(self._waiting) >= FLUSH_ROWS:
            self._flush()

    def receipt_count(self) -> int:
        """How many receipts there are. Ends the adding of lines."""
        self._arrange()
        count: int = self._base.execute("SELECT count(*) FROM receipt").fetchone()[0]
        return count

    def returned_goods(self) -> frozenset[tuple[str, str]]:
        """(customer, product code) of every negative line."""
        self._arrange()
        rows = self._base.execute(
            "SELECT DISTINCT customer, product_code FROM line "
            "WHERE quantity_milli < 0 AND customer <> ''"
        )
        return frozenset((customer, code) for customer, code in rows)

    def receipts(self) -> Iterator[Receipt]:
        """Every receipt, oldest first; the same file always gives the same order."""
        self._arrange()
        rows = self._base.execute(_ORDERED)
        for place, group in groupby(rows, key=itemgetter(0)):
            lines = tuple(SaleLine(*values[1:]) for values in group)
            yield Receipt(place=place, number=lines[0].receipt, lines=lines)

    def _arrange(self) -> None:
        self._flush()
        if not self._arranged:
            self._base.executescript(_ARRANGE)
            self._arranged = True

    def _flush(self) -> None:
        if self._waiting:
            self._base.execute("BEGIN")
            self._base.executemany(
                "INSERT INTO line VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", self._waiting
            )
            self._base.execute("COMMIT")
            self._waiting.clear()


def judge_receipt(
    receipt: Receipt, mapping: SalesMapping, *, incomplete: bool = False
) -> JudgedReceipt:
    """Give an outcome to every line that is neither a sale nor a return to be matched.

    The order of the questions is the policy (docs/imports.md): a repeated line first, then entries
    that are no sales, then lines without customer, excluded products, and impossible numbers.
    """
    judged: list[tuple[int, str]] = []
    fault = "incomplete_receipt" if incomplete else _fault_of_receipt(receipt)
    cancelled = bool(mapping.cancellation_prefix) and receipt.number.startswith(
        mapping.cancellation_prefix
    )
    entry = bool(mapping.entry_prefixes) and receipt.number.startswith(mapping.entry_prefixes)
    drops_repeats = mapping.repeated_lines == "duplicate" or "line_id" in mapping.columns
    seen: set[bytes] = set()
    sold: list[SaleLine] = []
    returned: list[SaleLine] = []
    for line in receipt.lines:
        reason: str | None = None
        if drops_repeats and line.digest in seen:
            reason = "repeated_in_file"
        elif entry:
            reason = "accounting_entry"
        else:
            reason = _reason_against(line, mapping, cancelled=cancelled) or fault
        seen.add(line.digest)
        if reason:
            judged.append((line.row, reason))
        elif line.quantity_milli < 0:
            returned.append(line)
        else:
            sold.append(line)
    return JudgedReceipt(
        receipt=receipt,
        customer=next((line.customer for line in receipt.lines if line.customer), ""),
        at=min(line.at for line in receipt.lines),
        sold=tuple(sold),
        returned=tuple(returned),
        judged=tuple(judged),
    )


def exclusion_reason(product_code: str, mapping: SalesMapping) -> str | None:
    """Why this product is not merchandise, or None. Exact codes first, then the prefixes."""
    code = product_code.casefold()
    for pattern, reason in mapping.exclusions.items():
        plain = pattern.casefold()
        if code == plain or (plain.endswith("*") and code.startswith(plain[:-1])):
            return reason
    return None


def _reason_against(line: SaleLine, mapping: SalesMapping, *, cancelled: bool) -> str | None:
    if not line.customer:
        if cancelled:
            return "anonymous_cancellation"
        return "stock_adjustment" if line.quantity_milli < 0 else "anonymous_sale"
    excluded = exclusion_reason(line.product_code, mapping)
    if excluded:
        return excluded
    if line.quantity_milli == 0:
        return "zero_quantity"
    if cancelled and line.quantity_milli > 0:
        return "positive_cancellation"
    if line.quantity_milli < 0 and not cancelled and mapping.negative_lines == "refuse":
        return "negative_quantity"
    sign = -1 if line.quantity_milli < 0 else 1
    if line.total_minor * sign < 0 or line.unit_price_minor < 0:
        return "negative_amount"
    return None


def _fault_of_receipt(receipt: Receipt) -> str | None:
    """A fault of the receipt as a whole; its lines cannot be told apart, so all are refused."""
    customers = {line.customer for line in receipt.lines if line.customer}
    if len(customers) > 1:
        return "receipt_of_two_customers"
    moments = [line.at for line in receipt.lines]
    if max(moments) - min(moments) > RECEIPT_SPAN_SECONDS:
        return "receipt_over_days"
    return None
