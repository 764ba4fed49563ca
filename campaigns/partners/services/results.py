"""The frozen answers of the commands about partners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, kw_only=True)
class PartnerView:
    """A partner."""

    id: str
    code: str
    name: str
    about_vi: str
    about_en: str
    website: str
    contact_email: str
    void_minutes: int
    is_active: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class DeskView:
    """A counter of a partner. ``invitation``: told once when it is invited, empty in a repetition."""

    id: str
    partner: str
    name: str
    state: str
    invited_until: datetime
    last_used_at: datetime | None
    invitation: Annotated[str, Field(exclude=True)] = ""


@dataclass(frozen=True, kw_only=True)
class DeviceView:
    """A device bound to a counter. ``token`` is kept by the device alone: told once, never stored."""

    desk: str
    partner: str
    token: Annotated[str, Field(exclude=True)] = ""


@dataclass(frozen=True, kw_only=True)
class ClaimView:
    """A member's code of an offer. ``is_entitled``: the benefit is there at this instant.

    ``ends_at`` is set where its condition was found lost: when it ends, or ended.
    """

    id: str
    code: str
    state: str
    is_entitled: bool
    offer: str
    name: str
    text: str
    partner: str
    member: str
    claimed_at: datetime
    usable_from: datetime
    expires_at: datetime | None
    ends_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RedemptionView:
    """A code taken up at a partner. Nothing in it tells who the member is. Minor units."""

    id: str
    claim: str
    code: str
    partner: str
    offer: str
    name: str
    text: str
    redeemed_at: datetime
    redeemed_by: str
    bill_minor: int | None
    given_minor: int
    we_pay_minor: int
    they_pay_minor: int
    voidable_until: datetime
    voided_at: datetime | None
    void_reason: str
    statement: str


@dataclass(frozen=True, kw_only=True)
class PoolView:
    """An offer's pool after a change: codes added, in all, and still free."""

    offer: str
    added: int
    total: int
    left: int


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line of a statement; ``sign`` is -1 for what was taken back after its own month closed."""

    redemption: str
    offer: str
    redeemed_at: datetime
    sign: int
    given_minor: int
    we_pay_minor: int
    they_pay_minor: int


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """A closed month. ``net_minor``: what we pay the partner; negative: what they pay us."""

    id: str
    partner: str
    month: date
    redeemed: int
    voided: int
    we_owe_minor: int
    they_owe_minor: int
    net_minor: int
    closed_at: datetime
    closed_by: str
    settled_at: datetime | None
    settled_by: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class CardView:
    """A member's card at a partner."""

    id: str
    partner: str
    member: str
    reference: str
    opened_on: date
    closed_on: date | None
    is_first: bool
