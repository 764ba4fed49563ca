"""Periodic work of memberships: bills before renewals, overdue ones, the end. One command each."""

from __future__ import annotations

from celery import shared_task

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from tiers.memberships.selectors import due_memberships
from tiers.memberships.services import look_after

BATCH = 200

schedule = {
    "memberships": {"task": "tiers.memberships.tasks.look_after_memberships", "schedule": 600},
}


@shared_task
def look_after_memberships() -> int:
    """Do what is due for every membership of every programme; answers how many were looked at."""
    return sum(_look_after(programme) for programme in Programme.objects.all())


def _look_after(programme: Programme) -> int:
    at, after, done = clock_now(), 0, 0
    while True:
        with in_programme(programme):
            due = due_memberships(at=at, after=after, limit=BATCH)
        for row in due:
            assert row.due_at is not None
            # With the revision: what was cancelled and kept again may be due at the same instant.
            key = f"membership:{row.public_id}:{row.revision}:{row.due_at.isoformat()}"
            actor = job_actor(programme, "memberships", merchant_id=row.merchant_id)
            look_after(Call(actor, key), membership=row.public_id)
            done, after = done + 1, row.pk
        if len(due) < BATCH:
            return done
