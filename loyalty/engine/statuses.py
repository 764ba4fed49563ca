"""Statuses of members as rows: read for many at once, written in one statement, found when due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from loyalty.engine.models import MemberStatus
from loyalty.engine.status import Status
from loyalty.tenancy.inserts import Insert
from loyalty.tenancy.statements import Read
from members.profiles.models import Member

_OF_ONE: Read[MemberStatus] = Read(lambda member: MemberStatus.objects.filter(member=member))
_KEPT = "value since due_at data changed_at"
_STATUSES = Insert(MemberStatus, f"member_id name {_KEPT}", unique="member_id name", update=_KEPT)


def load_statuses(member_ids: Collection[int]) -> dict[int, dict[str, Status]]:
    """All statuses of these members, by member and name. One query."""
    found: dict[int, dict[str, Status]] = {member_id: {} for member_id in member_ids}
    rows: Iterable[MemberStatus] = (
        _OF_ONE(member=next(iter(found)))
        if len(found) == 1
        else MemberStatus.objects.filter(member__in=member_ids)
    )
    for row in rows:
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


def write_statuses(changed: Iterable[tuple[Member, Mapping[str, Status]]], *, at: datetime) -> None:
    """Keep what changed. One statement, none where nothing did."""
    _STATUSES(
        [
            (member.pk, name, one.value, one.since, one.due_at, dict(one.data), at)
            for member, statuses in changed
            for name, one in statuses.items()
        ]
    )


def forget_statuses(name: str, *, apart: str) -> None:
    """Forget the statuses of a name whose value is not ``apart``: those a new list left out."""
    MemberStatus.objects.filter(name=name).exclude(value=apart).delete()
