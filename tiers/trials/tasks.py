"""Periodic work of trials: what nobody collected goes back, members are asked. One command each."""

from __future__ import annotations

import structlog
from celery import shared_task

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from tiers.trials.selectors import due_takings
from tiers.trials.services import look_after_trial

log = structlog.get_logger(__name__)
BATCH = 200

schedule = {"trials": {"task": "tiers.trials.tasks.look_after_trials", "schedule": 600}}


@shared_task
def look_after_trials() -> int:
    """Do what is due for every trial of every programme; answers how many were looked at."""
    return sum(_look_after(programme) for programme in Programme.objects.all())


def _look_after(programme: Programme) -> int:
    at, after, done = clock_now(), 0, 0
    actor = job_actor(programme, "trials")
    while True:
        with in_programme(programme):
            due = due_takings(at=at, after=after, limit=BATCH)
        for row in due:
            assert row.due_at is not None
            key = f"trial:{row.public_id}:{row.due_at.isoformat()}"
            try:
                look_after_trial(Call(actor, key), taking=row.public_id)
            except DomainError as refusal:  # one that cannot is no reason to stop for the others
                log.warning("trial_refused", taking=row.public_id, code=refusal.code)
            done, after = done + 1, row.pk
        if len(due) < BATCH:
            return done
