"""What is answered about discounts: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class OwnDiscount:
    """A discount one member enjoys; ``text`` is the promise in words, ``off`` how much, as text.

    Whether it lowers a sale depends on the sale too: its goods, its place, its hour.
    """

    rule: str
    name: str
    off: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What one discount took off one sale, less what came back; minor units of the currency."""

    id: int
    purchase: str
    rule: str
    reason: str
    was_minor: int
    now_minor: int
    off_minor: int
    happened_at: datetime


@dataclass(frozen=True, kw_only=True)
class MemberDiscounts:
    """The discounts of one member, and what they saved with all discounts so far."""

    member: str
    currency: str
    saved_minor: int
    discounts: tuple[OwnDiscount, ...]
    savings: tuple[Saving, ...]
