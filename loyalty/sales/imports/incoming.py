"""What a batch is made of: judged receipts, and the sale or return that each asks for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from loyalty.common.errors import Refused
from loyalty.sales.imports.matching import Match
from members.profiles.models import Member


@dataclass(frozen=True, kw_only=True)
class ImportLine:
    """A judged line: sold (positive) or returned (negative). Minor units and thousandths."""

    row: int
    product_code: str
    name: str
    category: str
    quantity_milli: int
    unit_price_minor: int
    total_minor: int
    discount_minor: int


@dataclass(frozen=True, kw_only=True)
class ImportReceipt:
    """What is left of a receipt after judging: one customer's sold and returned lines."""

    number: str
    customer: str
    happened_at: datetime
    lines: tuple[ImportLine, ...]

    @property
    def sold(self) -> tuple[ImportLine, ...]:
        """The lines that were bought."""
        return tuple(line for line in self.lines if line.quantity_milli > 0)

    @property
    def returned(self) -> tuple[ImportLine, ...]:
        """The lines that undo something; sorted, so that a re-export pairs them alike."""
        lines = (line for line in self.lines if line.quantity_milli < 0)
        return tuple(sorted(lines, key=_content))

    @property
    def fingerprint(self) -> str:
        """Equal for the same sale, whatever the order of its lines."""
        body = repr((self.customer, sorted(_content(line) for line in self.lines)))
        return hashlib.blake2b(body.encode(), digest_size=16).hexdigest()


@dataclass
class SaleItem:
    """A receipt's sold lines, for a member."""

    receipt: ImportReceipt
    member: Member


@dataclass
class Done:
    """What a return came to: every line with its match, and the refunds they make."""

    matches: list[Match[int]] = field(default_factory=list)
    refunds: int = 0
    refunded_minor: int = 0


@dataclass
class Return:
    """A receipt's returned lines, for a member; ``earlier`` refunds came of it at another run."""

    receipt: ImportReceipt
    member: Member
    lines: tuple[ImportLine, ...]
    earlier: int = 0
    done: Done = field(default_factory=Done)


class ReceiptRefused(Refused):
    """The rules said no to one receipt of a batch; nothing of the batch stands."""

    def __init__(self, *, number: str, cause: str) -> None:
        super().__init__(
            "receipt_refused",
            _("Receipt %(number)s was not accepted: %(cause)s")
            % {"number": number, "cause": cause},
        )
        self.number = number
        self.cause = cause


def _content(line: ImportLine) -> tuple[str, int, int, int]:
    return (line.product_code, line.quantity_milli, line.unit_price_minor, line.total_minor)
