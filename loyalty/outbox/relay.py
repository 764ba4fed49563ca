"""The relay: hands every committed event to its reactions and to the webhook endpoints.

An event is due until everything about it is done. Claiming one moves its due time past a lease, so
a relay that dies leaves nothing stuck and two relays never take the same event; what may run twice
(a reaction whose process was killed before the event was closed) is idempotent by its command key,
and a delivery exists once per endpoint by a constraint. An event whose reaction fails waits longer
each time and stands in nobody's way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from loyalty.common.clock import now as clock_now
from loyalty.outbox.models import Event, WebhookDelivery, WebhookEndpoint
from loyalty.outbox.rules import event_pause
from loyalty.outbox.subscriptions import Happened, Reaction, matches, reactions_to
from loyalty.tenancy.scope import every_programme, in_programme

log = structlog.get_logger(__name__)

BATCH = 50
_LEASE = timedelta(minutes=3)
_ERROR_LENGTH = 2_000


def relay_due(*, limit: int = BATCH) -> int:
    """Hand on one batch of due events; answers how many were taken up."""
    claimed = _claim(clock_now(), limit)
    if not claimed:
        return 0
    _fan_out(claimed)
    failed = {event.pk: told for event in claimed if (told := _react(event))}
    with every_programme():
        Event.objects.filter(pk__in=[one.pk for one in claimed if one.pk not in failed]).update(
            due_at=None, error=""
        )
        for event in claimed:
            if event.pk in failed:
                due_at = clock_now() + event_pause(event.attempts)
                Event.objects.filter(pk=event.pk).update(due_at=due_at, error=failed[event.pk])
    return len(claimed)


def lag(*, at: datetime) -> timedelta:
    """How long the oldest event nobody has taken up yet is overdue. One query."""
    with every_programme():
        untouched = Event.objects.filter(due_at__isnull=False, due_at__lte=at, attempts=0)
        oldest: datetime | None = untouched.order_by("due_at").values_list("due_at").first()
    return at - oldest[0] if oldest else timedelta()  # type: ignore[index]


def _claim(at: datetime, limit: int) -> list[Event]:
    with every_programme(), transaction.atomic():
        due = Event.objects.select_related("programme").filter(due_at__lte=at)
        rows = due.order_by("due_at", "id").select_for_update(skip_locked=True, of=("self",))
        claimed = list(rows[:limit])
        Event.objects.filter(pk__in=[event.pk for event in claimed]).update(
            due_at=at + _LEASE, attempts=F("attempts") + 1
        )
    for event in claimed:
        event.attempts += 1
    return claimed


def _fan_out(events: Iterable[Event]) -> None:
    """One delivery per event and listening endpoint, however often this runs. Two queries."""
    by_programme: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        by_programme[event.programme_id].append(event)
    with every_programme():
        listening = WebhookEndpoint.objects.select_related("programme").filter(
            programme__in=list(by_programme), is_active=True
        )
        at = clock_now()
        wanted = [
            WebhookDelivery(
                programme_id=endpoint.programme_id,
                endpoint=endpoint,
                event=event,
                due_at=at,
                created_at=at,
            )
            for endpoint in listening.order_by("id")
            for event in by_programme[endpoint.programme_id]
            if event.recorded_at >= endpoint.created_at
            and matches(event.type, endpoint.event_types)
            and (endpoint.confined_to is None or event.is_heard_at(endpoint.confined_to))
        ]
        if wanted:
            WebhookDelivery.objects.bulk_create(wanted, ignore_conflicts=True)


def _react(event: Event) -> str:
    """Run all reactions to an event; answers what went wrong, or nothing."""
    happened = Happened(
        id=event.public_id,
        type=event.type,
        subject=event.subject,
        data=event.data,
        recorded_at=event.recorded_at,
        programme=event.programme,
        merchant_id=event.merchant_id,
    )
    errors = [told for one in reactions_to(event.type) if (told := _run(one, happened))]
    return "\n".join(errors)[:_ERROR_LENGTH]


def _run(reaction: Reaction, happened: Happened) -> str:
    name = f"{reaction.__module__}.{getattr(reaction, '__name__', '?')}"
    try:
        with in_programme(happened.programme):
            reaction(happened)
    except Exception as error:
        log.exception("reaction_failed", event_id=happened.id, type=happened.type, reaction=name)
        return f"{name}: {type(error).__name__}: {error}"
    return ""
