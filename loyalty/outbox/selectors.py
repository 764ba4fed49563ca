"""Reads about events, endpoints and deliveries. All in the programme in scope."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.outbox.models import Event, WebhookDelivery, WebhookEndpoint


def endpoints(*, merchant_id: int) -> list[WebhookEndpoint]:
    """A merchant's endpoints, newest first."""
    return list(WebhookEndpoint.objects.filter(merchant=merchant_id).order_by("-pk"))


def endpoint_of_id(public_id: str, *, merchant_id: int) -> WebhookEndpoint:
    """An endpoint of a merchant. Raises ``NotFound``."""
    rows = WebhookEndpoint.objects.filter(merchant=merchant_id, public_id=public_id)
    found: WebhookEndpoint | None = rows.first()
    if found is None:
        raise NotFound("endpoint_not_found", _("There is no such endpoint."), field="endpoint")
    return found


def deliveries(endpoint: WebhookEndpoint, *, state: str = "") -> QuerySet[WebhookDelivery]:
    """What was sent to an endpoint, or is on its way."""
    rows: QuerySet[WebhookDelivery] = WebhookDelivery.objects.select_related("event")
    rows = rows.filter(endpoint=endpoint)
    return rows.filter(state=state) if state else rows


def events(*, text: str = "") -> QuerySet[Event]:
    """Events by the beginning of their type or by subject."""
    rows: QuerySet[Event] = Event.objects.all()
    plain = text.replace("\0", "").strip()
    if not plain:
        return rows
    return rows.filter(subject=plain) if "_" in plain else rows.filter(type__startswith=plain)
