"""What commands and selectors about payments answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ChargeView:
    """A bill and how it stands; amounts in the currency's minor unit.

    ``missing_minor`` is what is still to be paid, ``excess_minor`` what came in beyond the bill.
    ``attention`` is why staff must look (``short``, ``over``, ``late``, ``refund``,
    ``unused``, ``owed``: it counts as given back and staff have to hand it over), else empty.
    ``pay_path`` is the payer's page, below the address of this server.
    """

    id: str
    state: str
    amount_minor: int
    currency: str
    paid_minor: int
    refunded_minor: int
    missing_minor: int
    excess_minor: int
    attention: str
    kind: str
    subject: str
    text_vi: str
    text_en: str
    reference: str
    gateway: str
    member: str
    merchant: str
    pay_path: str
    due_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    paid_at: datetime | None

    @property
    def is_settled(self) -> bool:
        """Was it paid in full at some time (refunds do not change that)?"""
        return self.state in ("paid", "refunded", "partly_refunded")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What came of a piece of news about money.

    ``outcome``: ``paid``, ``short``, ``over``, ``late``, ``failed``, ``pending``, ``refunded``, ``unrefunded``,
    ``duplicate`` (known already), ``early`` (kept until its payment comes), ``unmatched`` (no such
    bill, kept for staff), ``stale`` (overtaken by other news) or ``ignored``.
    """

    event: str
    outcome: str
    charge: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """Money on its way back; ``state`` is ``asked``, ``done``, ``failed`` or ``returned``
    (it counted, and the gateway could not send it after all).
    """

    id: str
    charge: str
    amount_minor: int
    state: str
    gateway: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A bill as a gateway is asked to collect it. ``order_id`` differs with every attempt."""

    charge: str
    order_id: str
    reference: str
    amount_minor: int
    currency: str
    text: str
    language: str
    created_at: datetime
    expires_at: datetime | None
    return_url: str
    notify_url: str
    payer_ip: str = ""
    gateway_id: str = ""


@dataclass(frozen=True, kw_only=True)
class AccountSaved:
    """A gateway's settings after a change; secrets are never answered."""

    account: str
    gateway: str
    is_active: bool
    revision: int
