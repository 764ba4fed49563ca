"""Periodic work of subscriptions: deliveries closed and billed, reminders, pauses, ends. One command each."""

from __future__ import annotations

from celery import shared_task

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from tiers.subscriptions.selectors import due_members
from tiers.subscriptions.services import look_after

BATCH = 200

schedule = {
    "subscriptions": {
        "task": "tiers.subscriptions.tasks.look_after_subscriptions",
        "schedule": 300,
    },
}


@shared_task
def look_after_subscriptions() -> int:
    """Do what is due for every subscription of every programme; answers how many were looked at."""
    return sum(_look_after(programme) for programme in Programme.objects.all())


def _look_after(programme: Programme) -> int:
    at, after, done = clock_now(), 0, 0
    while True:
        with in_programme(programme):
            due = due_members(at=at, after=after, limit=BATCH)
        seen = set()
        for pk, member, due_at in due:
            after = pk
            if member in seen:
                continue
            seen.add(member)
            # The minute is part of it: what a job left undone is looked at again by the next.
            key = f"subscriptions:{member}:{due_at.isoformat()}:{at:%Y%m%d%H%M}"
            look_after(Call(job_actor(programme, "subscriptions"), key), member=member)
            done += 1
        if len(due) < BATCH:
            return done
