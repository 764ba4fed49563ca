"""Periodic work of partners: codes whose end is reached, conditions that went by themselves."""

from __future__ import annotations

import structlog
from celery import shared_task

from campaigns.partners.selectors.codes import due_members
from campaigns.partners.services.reviewing import review_member
from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

log = structlog.get_logger(__name__)
BATCH = 200

schedule = {"partners": {"task": "campaigns.partners.tasks.review_offers", "schedule": 3600}}


@shared_task
def review_offers() -> int:
    """Look at every code that something may have happened to; answers how many members had one."""
    return sum(_review(programme) for programme in Programme.objects.all())


def _review(programme: Programme) -> int:
    at, after, done = clock_now(), 0, 0
    actor = job_actor(programme, "partner-offers")
    while True:
        with in_programme(programme):
            due = due_members(at=at, after=after, limit=BATCH)
        for pk, member in due:
            try:
                review_member(Call(actor, f"offers:{member}:{at:%Y%m%d%H%M}"), member=member)
            except DomainError as refusal:  # one that cannot is no reason to stop for the others
                log.warning("offers_refused", member=member, code=refusal.code)
            done, after = done + 1, pk
        if len(due) < BATCH:
            return done
