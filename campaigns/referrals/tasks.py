"""Periodic work of referrals: what is due is found as rows, and each has one command."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from celery import shared_task

from campaigns.referrals.models import Referral
from campaigns.referrals.selectors import due_referrals, unpaid_referrers
from campaigns.referrals.services import look_after_referral, reward_referrer
from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

log = structlog.get_logger(__name__)
BATCH = 200

schedule = {
    "referrals": {"task": "campaigns.referrals.tasks.look_after_referrals", "schedule": 600}
}


@shared_task
def look_after_referrals() -> int:
    """Pay, hold or end what is due, in every programme; answers how many were looked at."""
    return sum(_look_after(programme) for programme in Programme.objects.all())


def _look_after(programme: Programme) -> int:
    at, actor = clock_now(), job_actor(programme, "referrals")

    def due(after: int) -> list[Referral]:
        return due_referrals(at=at, after=after, limit=BATCH)

    def waiting(after: int) -> list[Referral]:
        return unpaid_referrers(after=after, limit=BATCH)

    return _each(programme, due, _settle, actor) + _each(programme, waiting, _reward, actor)


def _each(
    programme: Programme,
    find: Callable[[int], list[Referral]],
    act: Callable[[Actor, Referral], None],
    actor: Actor,
) -> int:
    after, done = 0, 0
    while True:
        with in_programme(programme):
            rows = find(after)
        for row in rows:
            try:
                act(actor, row)
            except DomainError as refusal:  # one that cannot is no reason to stop for the others
                log.warning("referral_refused", referral=row.public_id, code=refusal.code)
            done, after = done + 1, row.pk
        if len(rows) < BATCH:
            return done


def _settle(actor: Actor, row: Referral) -> None:
    assert row.due_at is not None
    key = f"referral:{row.public_id}:{row.revision}"
    look_after_referral(Call(actor, key), referral=row.public_id)


def _reward(actor: Actor, row: Referral) -> None:
    key = f"referral-reward:{row.public_id}:{row.revision}"
    reward_referrer(Call(actor, key), referral=row.public_id)
