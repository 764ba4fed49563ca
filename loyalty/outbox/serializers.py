"""Shapes of the API about events and webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.outbox.models import Event, WebhookDelivery, WebhookEndpoint
from loyalty.outbox.webhooks import MAX_OVERLAP_HOURS
from loyalty.web.api import Body, Choice, Flag, Instant, ItemList, PublicId, Query, Text, Whole


class EndpointBody(Body):
    """An endpoint to be made."""

    url = Text(maximum=500)
    event_types = ItemList(
        child=Text(maximum=120),
        maximum=50,
        required=False,
        help_text="Such as `points.accrued` or `points.*`; none means all.",
    )
    description = Text(maximum=200, required=False)
    for_all_merchants = Flag(
        required=False, help_text="In a coalition: the events of all merchants, not its own alone."
    )


class EndpointPatch(Body):
    """What shall change of an endpoint."""

    url = Text(maximum=500, required=False, allow_blank=False)
    event_types = ItemList(
        child=Text(maximum=120), maximum=50, required=False, help_text="None means all."
    )
    description = Text(maximum=200, required=False)
    is_active = Flag(required=False)


class SecretBody(Body):
    """How long both secrets sign."""

    overlap_hours = Whole(minimum=0, maximum=MAX_OVERLAP_HOURS, required=False)


class MissedBody(Body):
    """From when on missed deliveries are attempted again."""

    since = Instant()


class EventQuery(Query):
    """Filters of the list of events."""

    type = Text(maximum=80, required=False, help_text="Exact, or a family such as `points.*`.")
    subject = Text(maximum=40, required=False, help_text="Public id, usually a member's.")
    since = Instant(required=False)
    until = Instant(required=False)


class DeliveryQuery(Query):
    """Filters of the delivery log."""

    state = Choice(choices=WebhookDelivery.State.values, required=False)
    event = PublicId(prefix="evt", required=False)


@dataclass(frozen=True, kw_only=True)
class EventView:
    """Something that happened, as it was published. Also the body of a webhook."""

    id: str
    type: str
    subject: str
    data: dict[str, Any]
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class EndpointView:
    """An endpoint without its secret. ``failing_since`` is null while it answers well.

    ``is_unreadable``: its secret was sealed with another secret key of the server; its deliveries
    wait until that key is named again or the secret is rotated.
    """

    id: str
    url: str
    description: str
    event_types: list[str]
    is_active: bool
    is_unreadable: bool
    disabled_reason: str
    failing_since: datetime | None
    old_secret_until: datetime | None
    revision: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    """One attempt: status 0 means there was no answer, and ``error`` says why."""

    at: datetime
    status: int
    duration_ms: int
    excerpt: str
    error: str


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """One event on its way to one endpoint. ``due_at`` is when it is attempted next."""

    id: str
    event: str
    type: str
    state: str
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime
    log: list[AttemptView]


def present_event(row: Event) -> EventView:
    """An event."""
    return EventView(
        id=row.public_id,
        type=row.type,
        subject=row.subject,
        data=row.data,
        recorded_at=row.recorded_at,
    )


def present_endpoint(row: WebhookEndpoint) -> EndpointView:
    """An endpoint."""
    return EndpointView(
        id=row.public_id,
        url=row.url,
        description=row.description,
        event_types=list(row.event_types),
        is_active=row.is_active,
        is_unreadable=row.is_unreadable,
        disabled_reason=row.disabled_reason,
        failing_since=row.failing_since,
        old_secret_until=row.old_secret_until,
        revision=row.revision,
        created_at=row.created_at,
    )


def present_delivery(row: WebhookDelivery) -> DeliveryView:
    """A delivery with its event loaded."""
    return DeliveryView(
        id=row.public_id,
        event=row.event.public_id,
        type=row.event.type,
        state=row.state,
        attempts=row.attempts,
        due_at=row.due_at,
        delivered_at=row.delivered_at,
        created_at=row.created_at,
        log=[AttemptView(**one) for one in row.log],
    )
