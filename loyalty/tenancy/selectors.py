"""Reads about programmes and who works in them; the only ones made before a scope is open."""

from __future__ import annotations

from datetime import datetime

from loyalty.common.clock import now as clock_now
from loyalty.tenancy.keys import digest, looks_like_a_key
from loyalty.tenancy.models import ApiKey, Programme, Staff, User
from loyalty.tenancy.roles import ROLES, allows
from loyalty.tenancy.scope import every_programme, in_programme
from loyalty.tenancy.statements import Read

_API_KEY: Read[ApiKey] = Read(
    lambda digest: ApiKey.objects.select_related("programme", "merchant").filter(digest=digest),
    scoped=False,
)


def find_role(*, user: User, slug: str) -> Staff | None:
    """The active role of a log-in in a programme; ``None`` also where there is no such programme."""
    programme = Programme.objects.filter(slug=slug).first()
    if programme is None or not user.is_active:
        return None
    with in_programme(programme):
        found: Staff | None = (
            Staff.objects.select_related("user", "merchant", "location", "programme")
            .filter(user=user, is_active=True)
            .first()
        )
    return found


def programmes_of(user: User, *, permission: str) -> list[Programme]:
    """The programmes a log-in works in with a permission, by name. One query."""
    with every_programme():
        roles = Staff.objects.select_related("programme").filter(user=user, is_active=True)
        found = [row.programme for row in roles if allows(ROLES[row.role], permission)]
    return sorted(found, key=lambda programme: programme.name.casefold())


def works_anywhere(user: User) -> bool:
    """Does the log-in have an active role in any programme?"""
    with every_programme():
        return Staff.objects.filter(user=user, is_active=True).exists()


def find_programme(slug: str) -> Programme | None:
    """The programme of a short name."""
    return Programme.objects.filter(slug=slug).first()


def programme_of_domain(host: str) -> Programme | None:
    """The programme whose own domain this is."""
    return Programme.objects.filter(domain=host.lower()).first() if host else None


def open_programmes(*, limit: int = 50) -> list[Programme]:
    """Programmes that people may join, by name."""
    return list(Programme.objects.filter(is_open=True).order_by("name")[:limit])


def find_api_key(presented: str) -> ApiKey | None:
    """The key with its programme and merchant, whatever its state. One query, across programmes."""
    if not looks_like_a_key(presented):
        return None
    return next(iter(_API_KEY(digest=digest(presented))), None)


def why_closed(api_key: ApiKey, *, at: datetime | None = None) -> str:
    """Why a known key opens nothing (``revoked``, ``expired``, ``inactive``), or empty."""
    at = at or clock_now()
    if api_key.revoked_at is not None and api_key.revoked_at <= at:
        return "revoked"
    if api_key.expires_at is not None and api_key.expires_at <= at:
        return "expired"
    return "" if api_key.merchant.is_active else "inactive"


def api_keys(*, merchant_id: int) -> list[ApiKey]:
    """A merchant's keys, newest first; closed ones stay in sight."""
    return list(ApiKey.objects.filter(merchant=merchant_id).order_by("-pk")[:200])
