"""Who acts: always on behalf of one programme, with the permissions they hold in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Forbidden
from loyalty.tenancy.models import ApiKey, Programme, Staff, User
from loyalty.tenancy.roles import ROLES, allows, within_one_merchant

# "desk": a counter of a partner, which redeems that partner's codes and nothing else.
Kind = Literal["staff", "member", "api_key", "job", "support", "desk"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts. ``merchant_id`` and ``location_id`` say where, as integer keys.

    ``confined_to`` is the merchant of a coalition whose business alone the actor sees and runs.
    """

    programme: Programme
    kind: Kind
    id: str
    label: str
    permissions: frozenset[str]
    merchant_id: int | None = None
    location_id: int | None = None
    confined_to: int | None = None

    @property
    def may_give_all_merchants(self) -> bool:
        """Is there a coalition whose every merchant the actor may let others see?"""
        return self.programme.has_several_merchants and self.confined_to is None

    def may(self, permission: str) -> bool:
        """Does the actor hold the permission?"""
        if self.confined_to is not None and not within_one_merchant(permission):
            return False
        return allows(self.permissions, permission)

    def require(self, permission: str) -> None:
        """Raises ``Forbidden`` unless the actor holds the permission."""
        if not self.may(permission):
            raise Forbidden(
                "missing_permission",
                _("This needs the permission “%(permission)s”. Ask the owner of the programme.")
                % {"permission": permission},
                params={"permission": permission},
            )


def staff_actor(staff: Staff) -> Actor:
    """The actor of a staff role (with its user and programme loaded)."""
    return Actor(
        programme=staff.programme,
        kind="staff",
        id=staff.public_id,
        label=staff.user.get_full_name(),
        permissions=ROLES[staff.role],
        merchant_id=staff.merchant_id,
        location_id=staff.location_id,
        confined_to=staff.confined_to,
    )


def api_key_actor(api_key: ApiKey) -> Actor:
    """The actor of an API key (with its programme loaded)."""
    return Actor(
        programme=api_key.programme,
        kind="api_key",
        id=api_key.public_id,
        label=api_key.name,
        permissions=frozenset(api_key.scopes),
        merchant_id=api_key.merchant_id,
        confined_to=api_key.confined_to,
    )


def member_actor(programme: Programme, member: str) -> Actor:
    """The actor of a member in the portal, by public id: may act on their own card only."""
    return Actor(
        programme=programme,
        kind="member",
        id=member,
        # The audit trail outlives an erasure, so it knows members by their id alone.
        label=member,
        permissions=frozenset({"self:*"}),
    )


def support_actor(programme: Programme, user: User) -> Actor:
    """The actor of platform staff who help out in the admin: looks, holds and lifts holds, and
    decides what waits for a person.
    """
    return Actor(
        programme=programme,
        kind="support",
        id=f"user-{user.pk}",
        label=user.get_full_name(),
        permissions=frozenset({"*:read", "members:write", "referrals:approve"}),
    )


def job_actor(programme: Programme, name: str, *, merchant_id: int | None = None) -> Actor:
    """The actor of a periodic job, an import or a follow-up: may do everything, by name."""
    return Actor(
        programme=programme,
        kind="job",
        id=name[:40],
        label=name,
        permissions=frozenset({"*:*"}),
        merchant_id=merchant_id,
    )
