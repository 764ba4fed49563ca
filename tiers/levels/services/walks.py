"""How far a walk over members is: the review of all who are due, the lifting after an edit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from loyalty.engine.models import MemberStatus
from loyalty.tenancy.models import Programme
from members.profiles.models import Member
from tiers.levels.models import ReviewWalk
from tiers.levels.rules.keeping import STATUS


def open_walk(programme: Programme, *, due_at: datetime, total: int) -> ReviewWalk:
    """The review that is under way, or a new one. A second worker shares it."""
    walk, is_new = ReviewWalk.objects.get_or_create(
        programme=programme,
        kind=ReviewWalk.Kind.REVIEW,
        finished_at=None,
        defaults={"due_at": due_at, "started_at": due_at, "total": total},
    )
    if not is_new and walk.total < walk.done + total:
        walk.total = walk.done + total
        walk.save(update_fields=["total"])
    return walk


def open_over_all(
    programme: Programme, *, kind: ReviewWalk.Kind, rule: str, at: datetime, total: int
) -> None:
    """All members are to be looked at by a ladder that was published."""
    ReviewWalk.objects.get_or_create(
        programme=programme,
        kind=kind,
        rule=rule,
        finished_at=None,
        defaults={"due_at": at, "started_at": at, "total": total},
    )


def note_progress(walk: ReviewWalk, *, done: int, rose: int, fell: int, failed: int) -> None:
    """So many more were looked at."""
    ReviewWalk.objects.filter(pk=walk.pk).update(
        done=F("done") + done,
        rose=F("rose") + rose,
        fell=F("fell") + fell,
        failed=F("failed") + failed,
    )


def note_counted(walk: ReviewWalk, *, done: int, rose: int, failed: int, cursor: int) -> None:
    """Of these what they bought before is counted. The walk has come to a member."""
    ReviewWalk.objects.filter(pk=walk.pk).update(
        done=F("done") + done,
        rose=F("rose") + rose,
        failed=F("failed") + failed,
        cursor=cursor,
    )


def note_lifted(walk: ReviewWalk, *, done: int, rose: Collection[Member], cursor: int) -> None:
    """These reach more: the review looks at them next. The walk has come to a member."""
    programme = walk.programme
    fresh = [
        MemberStatus(
            programme=programme,
            member=member,
            name=STATUS,
            since=walk.started_at,
            due_at=walk.started_at,
            changed_at=walk.started_at,
        )
        for member in rose
    ]
    MemberStatus.objects.bulk_create(fresh, ignore_conflicts=True)
    # Only the day: what a sale writes at this very moment about the level itself must stand.
    known = MemberStatus.objects.filter(name=STATUS, member__in=[one.pk for one in rose])
    known.update(due_at=walk.started_at)
    ReviewWalk.objects.filter(pk=walk.pk).update(
        done=F("done") + done, rose=F("rose") + len(rose), cursor=cursor
    )


def close_walk(walk: ReviewWalk, *, at: datetime) -> None:
    """Nobody is left to look at."""
    ReviewWalk.objects.filter(pk=walk.pk, finished_at=None).update(finished_at=at)
