"""What is answered about store credit: frozen values, amounts in the currency's smallest unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CreditPart:
    """A part of the credit, and the instant at which it becomes available or expires."""

    amount_minor: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StoreCredit:
    """What a member can spend, what waits, and what expires within a month, soonest first."""

    member: str
    available_minor: int
    pending_minor: int
    debt_minor: int
    waiting: tuple[CreditPart, ...]
    expiring: tuple[CreditPart, ...]
