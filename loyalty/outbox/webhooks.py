"""Commands about webhook endpoints and their deliveries.

A secret is answered once, when it is made; what is kept is sealed. Endpoints belong to the
merchant that made them.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Forbidden, Invalid, NotFound, Outdated, Refused
from loyalty.common.sealing import seal
from loyalty.outbox.guard import check_url
from loyalty.outbox.models import Event, WebhookDelivery, WebhookEndpoint
from loyalty.outbox.rules import SEALED_FOR, new_secret
from loyalty.outbox.services import publish
from loyalty.outbox.wake import DELIVER, wake
from loyalty.tenancy.models import Merchant

MAX_ENDPOINTS = 50
MAX_OVERLAP_HOURS = 7 * 24
_PATTERN = re.compile(r"^(\*|[a-z0-9_]{1,40}(\.[a-z0-9_]{1,40}){0,3}(\.\*)?)$", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class EndpointMade:
    """An endpoint with its signing secret: shown once, empty in a repeated answer."""

    id: str
    url: str
    event_types: list[str]
    revision: int
    secret: Annotated[str, Field(exclude=True)] = ""


@dataclass(frozen=True, kw_only=True)
class EndpointChanged:
    """An endpoint after a change."""

    id: str
    is_active: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class DeliveryQueued:
    """A delivery that will be attempted at once."""

    delivery: str
    event: str
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class DeliveriesQueued:
    """How many deliveries will be attempted again."""

    queued: int


def _endpoint_to_lock(*, endpoint: str, **_rest: object) -> Lock:
    rows = WebhookEndpoint.objects.select_related("merchant").filter(public_id=endpoint)
    return Lock(rows=rows)


def _delivery_to_lock(*, delivery: str, **_rest: object) -> Lock:
    rows = WebhookDelivery.objects.select_related("endpoint", "event").filter(public_id=delivery)
    return Lock(rows=rows)


@command("outbox.create_endpoint", label=_("Webhook added"), permission="webhooks:write")
def create_endpoint(
    ctx: Context,
    *,
    url: str,
    event_types: tuple[str, ...] = (),
    description: str = "",
    for_all_merchants: bool = False,
) -> EndpointMade:
    """An address that hears about events of these types (none: all), signed with its own secret.

    In a coalition it hears of its own merchant's business, unless it is ``for_all_merchants``.
    Raises ``Invalid`` (url, event_types), ``Forbidden`` and ``Refused`` (``too_many_endpoints``).
    """
    if for_all_merchants and ctx.actor.confined_to is not None:
        raise Forbidden(
            "beyond_your_merchant",
            _("You work for one merchant, so it can hear of that merchant alone."),
            field="for_all_merchants",
        )
    if WebhookEndpoint.objects.count() >= MAX_ENDPOINTS:
        raise Refused(
            "too_many_endpoints",
            _("There can be %(maximum)s endpoints. Remove one first.") % {"maximum": MAX_ENDPOINTS},
        )
    secret = new_secret(secrets.token_bytes(32))
    row = WebhookEndpoint(
        programme=ctx.programme,
        merchant=Merchant.objects.get(pk=ctx.merchant_id),
        url=check_url(url),
        description=description.strip()[:200],
        event_types=_checked_types(event_types),
        for_all_merchants=for_all_merchants,
        secret=seal(secret, purpose=SEALED_FOR),
        created_at=ctx.now,
    )
    row.save(force_insert=True)
    ctx.about(row.public_id, url=row.url, event_types=row.event_types)
    return _made(row, secret)


@command(
    "outbox.update_endpoint",
    label=_("Webhook changed"),
    permission="webhooks:write",
    lock=_endpoint_to_lock,
)
def update_endpoint(
    ctx: Context,
    *,
    endpoint: str,
    url: str | None = None,
    event_types: tuple[str, ...] | None = None,
    description: str | None = None,
    is_active: bool | None = None,
    revision: int | None = None,
) -> EndpointChanged:
    """Change what is given. ``revision`` is the one the actor read.

    Raises ``NotFound``, ``Invalid``, ``Outdated``.
    """
    row = _own(ctx, revision)
    if url is not None:
        row.url = check_url(url)
        row.failing_since = None
    if event_types is not None:
        row.event_types = _checked_types(event_types)
    if description is not None:
        row.description = description.strip()[:200]
    if is_active is not None:
        row.is_active = is_active
        row.disabled_reason = "" if is_active else "paused"
        row.failing_since = None
    row.revision += 1
    row.save()
    ctx.about(row.public_id, url=row.url, event_types=row.event_types, is_active=row.is_active)
    return EndpointChanged(id=row.public_id, is_active=row.is_active, revision=row.revision)


@command(
    "outbox.disable_endpoint",
    label=_("Webhook switched off"),
    permission="webhooks:write",
    lock=_endpoint_to_lock,
)
def disable_endpoint(ctx: Context, *, endpoint: str, reason: str) -> EndpointChanged:
    """Switch an endpoint off for ``gone`` (it answered 410) or ``failing``; owners hear of it."""
    row = _own(ctx, None)
    if row.is_active:
        row.is_active, row.disabled_reason = False, reason[:40]
        row.revision += 1
        row.save(update_fields=["is_active", "disabled_reason", "revision"])
        data = {"endpoint": row.public_id, "reason": reason}
        publish(ctx, "webhook_endpoint.disabled", subject=row.public_id, data=data)
    ctx.about(row.public_id, reason=reason)
    return EndpointChanged(id=row.public_id, is_active=row.is_active, revision=row.revision)


@command(
    "outbox.rotate_secret",
    label=_("Secret of a webhook renewed"),
    permission="webhooks:write",
    lock=_endpoint_to_lock,
)
def rotate_secret(ctx: Context, *, endpoint: str, overlap_hours: int = 24) -> EndpointMade:
    """A new signing secret; during the overlap every delivery carries both signatures.

    One that cannot be opened any more (another secret key) has no overlap: nobody can sign with it.

    Raises ``NotFound`` and ``Invalid`` (overlap).
    """
    row = _own(ctx, None)
    if not 0 <= overlap_hours <= MAX_OVERLAP_HOURS:
        raise Invalid(
            "out_of_range",
            _("Give from 0 to %(maximum)s hours.") % {"maximum": MAX_OVERLAP_HOURS},
            field="overlap_hours",
        )
    secret = new_secret(secrets.token_bytes(32))
    is_lost = row.is_unreadable
    row.old_secret = "" if is_lost else row.secret
    row.old_secret_until = None if is_lost else ctx.now + timedelta(hours=overlap_hours)
    row.secret = seal(secret, purpose=SEALED_FOR)
    row.revision += 1
    row.save(update_fields=["secret", "old_secret", "old_secret_until", "revision"])
    ctx.about(row.public_id, overlap_hours=overlap_hours)
    return _made(row, secret)


@command(
    "outbox.delete_endpoint",
    label=_("Webhook removed"),
    permission="webhooks:write",
    lock=_endpoint_to_lock,
)
def delete_endpoint(ctx: Context, *, endpoint: str) -> EndpointChanged:
    """Remove an endpoint with its deliveries. The events stay. Raises ``NotFound``."""
    row = _own(ctx, None)
    answer = EndpointChanged(id=row.public_id, is_active=False, revision=row.revision)
    ctx.about(row.public_id, url=row.url)
    row.delete()
    return answer


@command(
    "outbox.send_test_event",
    label=_("Test event sent"),
    permission="webhooks:write",
    lock=_endpoint_to_lock,
)
def send_test_event(ctx: Context, *, endpoint: str) -> DeliveryQueued:
    """Send a ``webhook.test`` event to this endpoint alone. Raises ``NotFound``, ``Refused``."""
    row = _own(ctx, None)
    _must_be_active(row)
    event = Event(
        programme=ctx.programme,
        type="webhook.test",
        subject=row.public_id,
        data={"endpoint": row.public_id},
        recorded_at=ctx.now,
        due_at=None,
    )
    event.save(force_insert=True)
    delivery = WebhookDelivery(
        programme=ctx.programme, endpoint=row, event=event, due_at=ctx.now, created_at=ctx.now
    )
    delivery.save(force_insert=True)
    ctx.at_end.append(_wake_after_commit)
    return _queued(delivery, event, row)


@command(
    "outbox.replay_delivery",
    label=_("Delivery sent again"),
    permission="webhooks:write",
    lock=_delivery_to_lock,
)
def replay_delivery(ctx: Context, *, delivery: str) -> DeliveryQueued:
    """Attempt a delivery again from the start, whatever became of it; its log stays.

    Raises ``NotFound`` and ``Refused`` (``endpoint_disabled``).
    """
    row = ctx.the_locked(WebhookDelivery, code="delivery_not_found", field="delivery")
    if ctx.actor.merchant_id not in (None, row.endpoint.merchant_id):
        raise NotFound("delivery_not_found", _("Not found in this programme."), field="delivery")
    _must_be_active(row.endpoint)
    row.state, row.due_at, row.attempts = row.State.WAITING, ctx.now, 0
    row.save(update_fields=["state", "due_at", "attempts"])
    ctx.at_end.append(_wake_after_commit)
    ctx.about(row.public_id)
    return _queued(row, row.event, row.endpoint)


@command(
    "outbox.replay_failed",
    label=_("Failed deliveries sent again"),
    permission="webhooks:write",
    lock=_endpoint_to_lock,
)
def replay_failed(ctx: Context, *, endpoint: str, since: datetime) -> DeliveriesQueued:
    """Attempt again everything this endpoint missed since an instant: after an outage."""
    row = _own(ctx, None)
    _must_be_active(row)
    missed = WebhookDelivery.objects.filter(endpoint=row, event__recorded_at__gte=since)
    missed = missed.exclude(state=WebhookDelivery.State.DELIVERED)
    queued = missed.update(state=WebhookDelivery.State.WAITING, due_at=ctx.now, attempts=0)
    ctx.at_end.append(_wake_after_commit)
    ctx.about(row.public_id, queued=queued)
    return DeliveriesQueued(queued=queued)


def _own(ctx: Context, revision: int | None) -> WebhookEndpoint:
    row = ctx.the_locked(WebhookEndpoint, code="endpoint_not_found", field="endpoint")
    if ctx.actor.merchant_id not in (None, row.merchant_id):
        raise NotFound("endpoint_not_found", _("Not found in this programme."), field="endpoint")
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    return row


def _must_be_active(row: WebhookEndpoint) -> None:
    if not row.is_active:
        raise Refused("endpoint_disabled", _("This endpoint is switched off. Switch it on first."))


def _made(row: WebhookEndpoint, secret: str) -> EndpointMade:
    return EndpointMade(
        id=row.public_id,
        url=row.url,
        event_types=list(row.event_types),
        revision=row.revision,
        secret=secret,
    )


def _queued(delivery: WebhookDelivery, event: Event, endpoint: WebhookEndpoint) -> DeliveryQueued:
    return DeliveryQueued(
        delivery=delivery.public_id, event=event.public_id, endpoint=endpoint.public_id
    )


def _checked_types(event_types: tuple[str, ...]) -> list[str]:
    wanted = sorted(set(event_types))
    for index, one in enumerate(wanted):
        if not _PATTERN.match(one):
            raise Invalid(
                "bad_event_type",
                _("Give event types such as points.accrued or points.*."),
                field=f"event_types.{index}",
            )
    return wanted


def _wake_after_commit() -> None:
    transaction.on_commit(lambda: wake(DELIVER))
