"""What commands about trials answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tiers.trials.models import Taking


@dataclass(frozen=True, kw_only=True)
class TakingView:
    """One trial and one member as it stands."""

    id: str
    member: str
    trial: str
    code: str
    name: str
    what: str
    sku: str
    plan: str
    state: str
    accepted_at: datetime | None
    collect_until: datetime | None
    given_at: datetime | None
    plan_until: datetime | None
    asked_at: datetime | None
    stars: int | None
    comment: str
    answered_at: datetime | None
    revision: int


def view_of(row: Taking) -> TakingView:
    """A row (with member and trial loaded) as everybody else sees it."""
    return TakingView(
        id=row.public_id,
        member=row.member.public_id,
        trial=row.trial.public_id,
        code=row.trial.code,
        name=row.trial.name,
        what=str(row.trial.what),
        sku=row.trial.sku,
        plan=row.trial.plan,
        state=str(row.state),
        accepted_at=row.accepted_at,
        collect_until=row.collect_until,
        given_at=row.given_at,
        plan_until=row.plan_until,
        asked_at=row.asked_at,
        stars=row.stars,
        comment=row.comment,
        answered_at=row.answered_at,
        revision=row.revision,
    )
