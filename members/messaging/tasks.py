"""Newsletters on their way: claimed in small batches, sent, noted. Started again it goes on where it was."""

from __future__ import annotations

from smtplib import SMTPException

import structlog
from celery import shared_task
from django.core.mail import get_connection

from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.common.public_ids import new_id
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.messaging import selectors
from members.messaging.gateways.letters import newsletter_letter
from members.messaging.models import Delivery, Newsletter
from members.messaging.services import claim_batch, note_results

log = structlog.get_logger(__name__)
BATCH, MOST_BATCHES = 20, 50

schedule = {"newsletters": {"task": "members.messaging.tasks.send_newsletters", "schedule": 60}}


@shared_task
def send_newsletters() -> int:
    """Send what waits in every programme; answers how many letters left."""
    return sum(_send_of(programme) for programme in Programme.objects.all())


def _send_of(programme: Programme) -> int:
    with in_programme(programme):
        rows = selectors.unfinished()
    actor, sent = job_actor(programme, "newsletters"), 0
    for row in rows:
        for _turn in range(MOST_BATCHES):
            call = Call(actor, f"claim:{new_id('cmd')}")
            batch = claim_batch(call, newsletter=row.public_id, limit=BATCH)
            sent += _send_batch(programme, actor, row, batch) if batch else 0
            with in_programme(programme):
                waits = row.deliveries.filter(state=Delivery.State.WAITING).exists()
            if not batch and not waits:
                break
    return sent


def _send_batch(programme: Programme, actor: Actor, row: Newsletter, batch: tuple[str, ...]) -> int:
    sent: list[str] = []
    failed: dict[str, str] = {}
    with in_programme(programme):
        letters = list(
            Delivery.objects.select_related("member", "newsletter").filter(public_id__in=batch)
        )
        known = selectors.addresses([one.member_id for one in letters])
    with get_connection() as connection:
        for one in letters:
            try:
                letter = newsletter_letter(programme, one, address=known[one.member_id])
                letter.connection = connection
                letter.send()
                sent.append(one.public_id)
            except (SMTPException, OSError, ValueError) as error:
                log.warning("letter_failed", letter=one.public_id, error=type(error).__name__)
                failed[one.public_id] = type(error).__name__
    note_results(
        Call(actor, f"note:{batch[0]}"), newsletter=row.public_id, sent=sent, failed=failed
    )
    return len(sent)
