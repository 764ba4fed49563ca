"""Delivering webhooks: claim what is due, post side by side, keep every attempt.

The claim moves the due time past a lease before anything is sent, so a killed worker's deliveries
are tried again and two workers never send the same one at once. Delivery is at least once; the
receiver tells repeats by ``webhook-id``. An endpoint that fails gets one attempt per round, so a
dead one cannot hold up the others.
"""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import orjson
import structlog
from django.db import transaction

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.sealing import BrokenSealError, unseal
from loyalty.outbox.models import Event, WebhookDelivery, WebhookEndpoint
from loyalty.outbox.rules import GIVE_UP_ON_ENDPOINT, SEALED_FOR, delivery_due
from loyalty.outbox.sending import TIMEOUT_SECONDS, Attempt, Letter, post
from loyalty.outbox.webhooks import disable_endpoint
from loyalty.tenancy.scope import every_programme

log = structlog.get_logger(__name__)

ROUND = 32
_THREADS = 8
_PER_ENDPOINT, _PER_FAILING_ENDPOINT = 8, 1
_LEASE = timedelta(seconds=TIMEOUT_SECONDS * (ROUND / _THREADS) + 60)
_KEEP_ATTEMPTS = 50


def deliver_due() -> int:
    """Attempt one round of due deliveries; answers how many were attempted."""
    claimed = _claim(clock_now())
    if not claimed:
        return 0
    rows = {row.pk: row for row in claimed}
    letters = [letter for row in claimed if (letter := _letter(row)) is not None]
    with ThreadPoolExecutor(max_workers=min(_THREADS, len(claimed))) as pool:
        for attempt in pool.map(post, letters):
            _keep(rows[attempt.delivery_id], attempt)
    return len(claimed)


def body_of(event: Event) -> str:
    """What is sent about an event: the same bytes at every attempt."""
    return orjson.dumps(
        {
            "type": event.type,
            "timestamp": event.recorded_at,
            "data": event.data,
            "id": event.public_id,
            "programme": event.programme.public_id,
            "subject": event.subject,
        },
        option=orjson.OPT_UTC_Z,
    ).decode()


def _claim(at: datetime) -> list[WebhookDelivery]:
    with every_programme(), transaction.atomic():
        due = WebhookDelivery.objects.select_related("endpoint", "event__programme").filter(
            due_at__lte=at, state=WebhookDelivery.State.WAITING, endpoint__is_active=True
        )
        rows = due.order_by("due_at", "id").select_for_update(skip_locked=True, of=("self",))
        claimed: list[WebhookDelivery] = []
        taken: Counter[int] = Counter()
        for row in rows[: ROUND * 8]:
            limit = _PER_FAILING_ENDPOINT if row.endpoint.failing_since else _PER_ENDPOINT
            if taken[row.endpoint_id] < limit and len(claimed) < ROUND:
                taken[row.endpoint_id] += 1
                claimed.append(row)
        WebhookDelivery.objects.filter(pk__in=[row.pk for row in claimed]).update(
            due_at=at + _LEASE
        )
    return claimed


def _letter(row: WebhookDelivery) -> Letter | None:
    """What to send; ``None`` where the endpoint's secret cannot be opened.

    Nothing is sent unsigned: it waits, uncounted, until the key is back or the secret is made anew.
    """
    endpoint = row.endpoint
    try:
        secrets = [unseal(endpoint.secret, purpose=SEALED_FOR)]
        until = endpoint.old_secret_until
        if endpoint.old_secret and until is not None and until > clock_now():
            secrets.append(unseal(endpoint.old_secret, purpose=SEALED_FOR))
    except BrokenSealError:
        log.warning("webhook_secret_unreadable", endpoint=endpoint.public_id)
        return None
    return Letter(
        delivery_id=row.pk,
        url=endpoint.url,
        id=row.event.public_id,
        body=body_of(row.event),
        secrets=tuple(secrets),
    )


def _keep(row: WebhookDelivery, attempt: Attempt) -> None:
    row.attempts += 1
    row.log = [*row.log, _entry(attempt)][-_KEEP_ATTEMPTS:]
    if attempt.succeeded:
        row.state, row.due_at, row.delivered_at = row.State.DELIVERED, None, attempt.at
    else:
        row.due_at = delivery_due(
            attempts=row.attempts,
            at=attempt.at,
            luck=random.randint(0, 100),  # noqa: S311  spreads retries; nothing depends on it
            asked=attempt.retry_after,
        )
        if row.due_at is None:
            row.state = row.State.GIVEN_UP
    with every_programme():
        row.save(update_fields=["attempts", "log", "state", "due_at", "delivered_at"])
        _note_health(row, attempt)
    log.info(
        "webhook_attempted",
        delivery=row.public_id,
        endpoint=row.endpoint.public_id,
        status=attempt.status,
        duration_ms=attempt.duration_ms,
        attempts=row.attempts,
    )


def _note_health(row: WebhookDelivery, attempt: Attempt) -> None:
    """Since when the endpoint fails; switch it off where it said so, or after too long."""
    endpoints = WebhookEndpoint.objects.filter(pk=row.endpoint_id)
    if attempt.succeeded:
        endpoints.filter(failing_since__isnull=False).update(failing_since=None)
        return
    endpoints.filter(failing_since__isnull=True).update(failing_since=attempt.at)
    since = row.endpoint.failing_since
    too_long = since is not None and attempt.at - since >= GIVE_UP_ON_ENDPOINT
    if attempt.status == 410 or too_long:
        reason = "gone" if attempt.status == 410 else "failing"
        call = Call(
            job_actor(row.event.programme, "webhooks"), f"disable:{row.public_id}:{row.attempts}"
        )
        disable_endpoint(call, endpoint=row.endpoint.public_id, reason=reason)


def _entry(attempt: Attempt) -> dict[str, object]:
    return {
        "at": attempt.at.isoformat(),
        "status": attempt.status,
        "duration_ms": attempt.duration_ms,
        "excerpt": attempt.excerpt,
        "error": attempt.error,
    }
