"""What counted when: lots looked at as of an instant that may lie behind us.

For assets that are only counted and never spent (the spend of a year, visits of a month): there only
expiry and a refund take from a lot, so what it counts for is known without its uses.
"""

from __future__ import annotations

from datetime import datetime

from loyalty.ledger.book import Book
from loyalty.ledger.states import LotState


def alive(book: Book, asset: str, *, since: datetime) -> list[LotState]:
    """Every lot that was alive at or after an instant, also what has expired since. One query."""
    book.settle(asset)
    book.source.load_alive(book, asset, since)
    lots = book.lots.get(asset, {}).values()
    return [lot for lot in lots if lot.expires_at is None or lot.expires_at >= since]


def counted(lot: LotState) -> int:
    """What a lot nobody spends counted for while it lived: all it brought, less what refunds took."""
    return lot.remaining + lot.expired - lot.expired_offset
