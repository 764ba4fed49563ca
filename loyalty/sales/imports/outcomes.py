"""The seven outcomes a row can have, the reasons within them, and their compact storage.

Every row read has exactly one outcome and one reason; the tally refuses to judge a row twice, so
the counts of a report always add up to the rows read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Outcome(StrEnum):
    """What became of a row. The values are stable: scripts read them in reports."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    CANCELLED_MATCHED = "cancelled_matched"
    UNMATCHED = "unmatched"
    NO_CUSTOMER = "no_customer"
    EXCLUDED_PRODUCT = "excluded_product"
    REFUSED = "refused"


OUTCOME_LABELS: dict[Outcome, str | Promise] = {
    Outcome.IMPORTED: _("Imported"),
    Outcome.DUPLICATE: _("Duplicate"),
    Outcome.CANCELLED_MATCHED: _("Cancelled and matched"),
    Outcome.UNMATCHED: _("Cancelled, not matched"),
    Outcome.NO_CUSTOMER: _("No customer"),
    Outcome.EXCLUDED_PRODUCT: _("Excluded product"),
    Outcome.REFUSED: _("Refused"),
}

# reason -> (outcome, what a merchant reads).
REASONS: dict[str, tuple[Outcome, str | Promise]] = {
    "sale": (Outcome.IMPORTED, _("A line of a purchase.")),
    "free_item": (Outcome.IMPORTED, _("A line given away: kept in the history with no amount.")),
    "repeated_in_file": (
        Outcome.DUPLICATE,
        _("The same line, letter by letter, stands earlier in this receipt."),
    ),
    "already_imported": (Outcome.DUPLICATE, _("This receipt was recorded before.")),
    "matched": (Outcome.CANCELLED_MATCHED, _("Undoes an earlier purchase in full.")),
    "partly_matched": (
        Outcome.CANCELLED_MATCHED,
        _("Undoes what was bought; the rest of the quantity was never seen bought."),
    ),
    "never_bought": (
        Outcome.UNMATCHED,
        _("This customer is never seen buying this product before the cancellation."),
    ),
    "other_price_only": (
        Outcome.UNMATCHED,
        _("This customer bought this product before, but at another price."),
    ),
    "nothing_left": (
        Outcome.UNMATCHED,
        _("Everything bought before was already undone by other cancellations."),
    ),
    "anonymous_sale": (Outcome.NO_CUSTOMER, _("A sale that names no customer.")),
    "anonymous_cancellation": (
        Outcome.NO_CUSTOMER,
        _("A cancellation that names no customer."),
    ),
    "stock_adjustment": (
        Outcome.NO_CUSTOMER,
        _("A negative line without customer and without cancellation mark: a stock correction."),
    ),
    "accounting_entry": (
        Outcome.EXCLUDED_PRODUCT,
        _("An accounting entry (such as bad debt), not a sale."),
    ),
    "postage": (Outcome.EXCLUDED_PRODUCT, _("Postage or carriage earns nothing.")),
    "fee": (Outcome.EXCLUDED_PRODUCT, _("A fee or commission is not merchandise.")),
    "discount": (
        Outcome.EXCLUDED_PRODUCT,
        _("A discount that names no purchase cannot be taken from one."),
    ),
    "manual_entry": (Outcome.EXCLUDED_PRODUCT, _("A manual entry names no product.")),
    "sample": (Outcome.EXCLUDED_PRODUCT, _("Samples are not sold.")),
    "gift_voucher": (
        Outcome.EXCLUDED_PRODUCT,
        _("A gift voucher earns when it is spent, not when it is bought."),
    ),
    "charity": (Outcome.EXCLUDED_PRODUCT, _("A charity commission is not merchandise.")),
    "test_entry": (Outcome.EXCLUDED_PRODUCT, _("A test entry of the till.")),
    "excluded": (Outcome.EXCLUDED_PRODUCT, _("This product is on the list of exclusions.")),
    "bad_encoding": (
        Outcome.REFUSED,
        _("The row has letters that cannot be read. Export the file as UTF-8."),
    ),
    "nul_byte": (Outcome.REFUSED, _("The row holds a zero byte: the file is damaged there.")),
    "wrong_column_count": (
        Outcome.REFUSED,
        _("The row has more or fewer columns than the header."),
    ),
    "unbalanced_quote": (Outcome.REFUSED, _("A quotation mark is opened and never closed.")),
    "cut_off": (Outcome.REFUSED, _("The file ends in the middle of this row.")),
    "incomplete_receipt": (
        Outcome.REFUSED,
        _("The file is cut off within this receipt; its other lines are unknown."),
    ),
    "missing_value": (Outcome.REFUSED, _("A value the import needs is empty.")),
    "value_too_long": (Outcome.REFUSED, _("A receipt, product or customer number is too long.")),
    "bad_quantity": (Outcome.REFUSED, _("The quantity is not a number.")),
    "fractional_quantity": (
        Outcome.REFUSED,
        _("The quantity has more decimals than the programme keeps."),
    ),
    "zero_quantity": (Outcome.REFUSED, _("The quantity is zero.")),
    "negative_quantity": (
        Outcome.REFUSED,
        _("A negative quantity on a receipt that is not marked as a cancellation."),
    ),
    "positive_cancellation": (
        Outcome.REFUSED,
        _("A positive quantity on a receipt that is marked as a cancellation."),
    ),
    "bad_amount": (Outcome.REFUSED, _("The amount is not a number.")),
    "ambiguous_amount": (
        Outcome.REFUSED,
        _("The amount can be read two ways. Say which mark separates the decimals."),
    ),
    "too_many_decimals": (Outcome.REFUSED, _("The amount has more decimals than the currency.")),
    "negative_amount": (Outcome.REFUSED, _("The price or amount is negative.")),
    "amount_too_large": (Outcome.REFUSED, _("The amount is too large.")),
    "bad_date": (Outcome.REFUSED, _("The date cannot be read.")),
    "date_in_future": (Outcome.REFUSED, _("The date lies in the future.")),
    "receipt_of_two_customers": (
        Outcome.REFUSED,
        _("Lines of one receipt name different customers."),
    ),
    "receipt_over_days": (
        Outcome.REFUSED,
        _("One receipt number is used on different days."),
    ),
    "receipt_conflict": (
        Outcome.REFUSED,
        _("This receipt was recorded before with other lines or another amount."),
    ),
    "unknown_customer": (Outcome.REFUSED, _("No member has this customer number.")),
    "member_not_active": (
        Outcome.REFUSED,
        _("The card of this customer is on hold, merged or erased."),
    ),
    "wrong_currency": (
        Outcome.REFUSED,
        _("The row is in another currency than the programme."),
    ),
    "new_member": (Outcome.IMPORTED, _("A new member.")),
    "balance_added": (
        Outcome.IMPORTED,
        _("A member already; the balance was added, the profile left as it is."),
    ),
    "person_repeated": (
        Outcome.DUPLICATE,
        _("The same phone, e-mail or card stands in an earlier row, in whichever spelling."),
    ),
    "already_member": (Outcome.DUPLICATE, _("A member already, and nothing to add.")),
    "no_identifier": (
        Outcome.REFUSED,
        _("The row has no phone, e-mail, card or customer number."),
    ),
    "bad_phone": (Outcome.REFUSED, _("The phone number cannot be one.")),
    "bad_email": (Outcome.REFUSED, _("The e-mail address cannot be one.")),
    "bad_name": (Outcome.REFUSED, _("The name is too long or has control characters.")),
    "bad_birthday": (Outcome.REFUSED, _("The birthday lies ahead or too far back.")),
    "bad_balance": (Outcome.REFUSED, _("Points or stamps are not a whole number.")),
    "two_members": (
        Outcome.REFUSED,
        _("Phone, e-mail or card of this row belong to different members."),
    ),
    "two_outside_ids": (
        Outcome.REFUSED,
        _("The row has a customer number and an old card number; keep one of them."),
    ),
    "not_accepted": (Outcome.REFUSED, _("The purchase was not accepted by the programme.")),
}

_CODE_OF = {reason: code for code, reason in enumerate(REASONS, start=1)}
_REASON_OF = dict(enumerate(REASONS, start=1))


class Tally:
    """One byte per row: which reason it got. Rows are numbered as a spreadsheet shows them."""

    def __init__(self) -> None:
        self._codes = array("B")

    def read(self, row: int) -> None:
        """Note that `row` was read; it waits for its outcome (code 255)."""
        self._grow(row)
        if self._codes[row]:
            raise ValueError(f"row {row} read twice")
        self._codes[row] = 255

    def judge(self, row: int, reason: str) -> None:
        """Give `row` its one outcome. Judging a row twice is a programming error."""
        if self._codes[row] != 255:
            raise ValueError(f"row {row} judged twice or never read")
        self._codes[row] = _CODE_OF[reason]

    def judge_all(self, rows: Iterable[int], reason: str) -> None:
        for row in rows:
            self.judge(row, reason)

    def reason(self, row: int) -> str | None:
        return _REASON_OF.get(self._codes[row])

    def rows_read(self) -> int:
        return len(self._codes) - self._codes.count(0)

    def undecided(self) -> list[int]:
        return [row for row, code in enumerate(self._codes) if code == 255]

    def reason_counts(self) -> dict[str, int]:
        counts = {reason: self._codes.count(code) for reason, code in _CODE_OF.items()}
        return {reason: count for reason, count in counts.items() if count}

    def outcome_counts(self) -> dict[Outcome, int]:
        """All seven outcomes, zeros included; they add up to `rows_read` once all are judged."""
        counts = dict.fromkeys(Outcome, 0)
        for reason, count in self.reason_counts().items():
            counts[REASONS[reason][0]] += count
        return counts

    def rows_by_reason(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, code in enumerate(self._codes):
            if code and code != 255:
                rows.setdefault(_REASON_OF[code], []).append(row)
        return rows

    def _grow(self, row: int) -> None:
        missing = row + 1 - len(self._codes)
        if missing > 0:
            self._codes.frombytes(bytes(missing))


def pack_rows(rows: Iterable[int]) -> str:
    """Row numbers as sorted ranges: [2, 3, 4, 9] -> "2-4,9"."""
    parts: list[str] = []
    for first, last in _ranges(sorted(rows)):
        parts.append(str(first) if first == last else f"{first}-{last}")
    return ",".join(parts)


def unpack_rows(text: str) -> list[int]:
    """The inverse of `pack_rows`."""
    rows: list[int] = []
    for part in filter(None, text.split(",")):
        first, _dash, last = part.partition("-")
        rows.extend(range(int(first), int(last or first) + 1))
    return rows


def _ranges(rows: list[int]) -> Iterator[tuple[int, int]]:
    first = previous = None
    for row in rows:
        if first is None or previous is None:
            first = row
        elif row != previous + 1:
            yield first, previous
            first = row
        previous = row
    if first is not None and previous is not None:
        yield first, previous
