"""What commands about memberships answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tiers.memberships.models import Membership


@dataclass(frozen=True, kw_only=True)
class MembershipView:
    """A membership as it stands. ``charge`` is the bill to be paid next, empty where there is none.

    ``refunded_minor`` is what this very command gave back.
    """

    id: str
    member: str
    plan: str
    code: str
    name: str
    state: str
    source: str
    began_at: datetime
    ends_at: datetime | None
    cancels: bool
    price_minor: int
    charge: str
    revision: int
    refunded_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class Woken:
    """How many memberships of a plan the next job looks at."""

    family: str
    woken: int


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How many memberships of a card were moved or ended."""

    member: str
    memberships: int


def view_of(row: Membership, *, refunded_minor: int = 0) -> MembershipView:
    """A row (with member and plan loaded) as everybody else sees it."""
    return MembershipView(
        id=row.public_id,
        member=row.member.public_id,
        plan=row.plan.public_id,
        code=row.plan.code,
        name=row.plan.name,
        state=str(row.state),
        source=str(row.source),
        began_at=row.began_at,
        ends_at=row.ends_at,
        cancels=row.cancels,
        price_minor=row.plan.price_minor,
        charge=row.charge,
        revision=row.revision,
        refunded_minor=refunded_minor,
    )
