"""Statuses of members as rows: read for many at once, written in one statement, found when due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from loyalty.engine.models import MemberStatus
from loyalty.engine.status import Status
from loyalty.tenancy.models import Programme
from members.profiles.models import Member


def load_statuses(member_ids: Collection[int]) -> dict[int, dict[str, Status]]:
    """All statuses of these members, by member and name. One query."""
    found: dict[int, dict[str, Status]] = {member_id: {} for member_id in member_ids}
    for row in MemberStatus.objects.filter(member__in=member_ids):
        found[row.member_id][row.name] = row.view
    return found


def status_of(member: Member, name: str) -> Status | None:
    """Where a member stands with a mechanic. One query."""
    row = MemberStatus.objects.filter(member=member, name=name).first()
    return row.view if row else None


def due_statuses(name: str, *, at: datetime, after: int = 0) -> QuerySet[MemberStatus]:
    """The statuses of a name that a job must look at, by id (``after``: the last one seen)."""
    rows: QuerySet[MemberStatus] = MemberStatus.objects.select_related("member")
    return rows.filter(name=name, due_at__lte=at, pk__gt=after).order_by("pk")


def write_statuses(
    changed: Iterable[tuple[Member, Mapping[str, Status]]], *, programme: Programme, at: datetime
) -> None:
    """Keep what changed. One statement, none where nothing did."""
    rows = [
        MemberStatus(
            programme=programme,
            member=member,
            name=name,
            value=status.value,
            since=status.since,
            due_at=status.due_at,
            data=dict(status.data),
            changed_at=at,
        )
        for member, statuses in changed
        for name, status in statuses.items()
    ]
    if rows:
        MemberStatus.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["member", "name"],
            update_fields=["value", "since", "due_at", "data", "changed_at"],
        )


def forget_statuses(name: str, *, apart: str) -> None:
    """Forget the statuses of a name whose value is not ``apart``: those a new list left out."""
    MemberStatus.objects.filter(name=name).exclude(value=apart).delete()
