"""Reads about programmes and who works in them; the only ones made before a scope is open."""

from __future__ import annotations

from loyalty.tenancy.models import Programme, Staff, User
from loyalty.tenancy.roles import ROLES, allows
from loyalty.tenancy.scope import every_programme, in_programme


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
