"""Shapes of the API about the programme itself and its keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.tenancy.models import ApiKey, Location, Merchant, Programme
from loyalty.tenancy.selectors import why_closed
from loyalty.tenancy.services import MAX_OVERLAP_HOURS
from loyalty.web.api import Body, Flag, Instant, ItemList, Text, Whole


class ApiKeyBody(Body):
    """A key to be made."""

    name = Text(maximum=100)
    scopes = ItemList(child=Text(maximum=81), minimum=1, maximum=50)
    expires_at = Instant(required=False)
    for_all_merchants = Flag(
        required=False, help_text="In a coalition: the sales of all merchants, not its own alone."
    )


class MerchantBody(Body):
    """Another business, with the name of its first place (the business's own, where none is told)."""

    name = Text(maximum=200)
    location = Text(maximum=200, required=False)


class RotateBody(Body):
    """How long the old key (or secret) works beside the new one."""

    overlap_hours = Whole(minimum=0, maximum=MAX_OVERLAP_HOURS, required=False)


@dataclass(frozen=True, kw_only=True)
class MerchantView:
    """A business of the programme."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ProgrammeView:
    """The programme the key belongs to."""

    id: str
    slug: str
    name: str
    currency: str
    timezone: str
    language: str
    country: str
    is_open: bool
    merchants: list[MerchantView]


@dataclass(frozen=True, kw_only=True)
class LocationView:
    """A branch, kiosk or web shop."""

    id: str
    name: str
    code: str
    merchant: str
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class ApiKeyView:
    """A key as it can be shown again: by its beginning. ``state`` is active, expired or revoked."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    for_all_merchants: bool
    state: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def present_programme(row: Programme, merchants: list[Merchant]) -> ProgrammeView:
    """The programme with its merchants."""
    return ProgrammeView(
        id=row.public_id,
        slug=row.slug,
        name=row.name,
        currency=row.currency,
        timezone=row.timezone,
        language=row.language,
        country=row.country,
        is_open=row.is_open,
        merchants=[present_merchant(one) for one in merchants],
    )


def present_merchant(row: Merchant) -> MerchantView:
    """A business as it is shown."""
    return MerchantView(id=row.public_id, name=row.name)


def present_location(row: Location) -> LocationView:
    """A location with its merchant loaded."""
    return LocationView(
        id=row.public_id,
        name=row.name,
        code=row.code,
        merchant=row.merchant.public_id,
        is_active=row.is_active,
    )


def present_api_key(row: ApiKey) -> ApiKeyView:
    """A key with its merchant loaded."""
    return ApiKeyView(
        id=row.public_id,
        name=row.name,
        hint=row.hint,
        scopes=list(row.scopes),
        for_all_merchants=row.for_all_merchants,
        state=why_closed(row) or "active",
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
