"""Events and webhooks over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.commands.actor import Actor
from loyalty.outbox import serializers as shapes
from loyalty.outbox.models import Event, WebhookDelivery, WebhookEndpoint
from loyalty.outbox.webhooks import (
    DeliveriesQueued,
    DeliveryQueued,
    EndpointMade,
    create_endpoint,
    delete_endpoint,
    replay_delivery,
    replay_failed,
    rotate_secret,
    send_test_event,
    update_endpoint,
)
from loyalty.web.api import ApiView, operation

_EVENTS, _HOOKS = "Events", "Webhooks"
_SHOWN_ONCE = "`secret` is shown this once; a repeated answer lacks it."


class Events(ApiView):
    """What happened, newest first."""

    permission = "events:read"

    @operation(
        "List events",
        tag=_EVENTS,
        answer=shapes.EventView,
        query=shapes.EventQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        rows = _events(self.query(shapes.EventQuery))
        return self.page(rows, present=shapes.present_event)


class OneEvent(ApiView):
    """One event."""

    permission = "events:read"

    @operation("Read an event", tag=_EVENTS, answer=shapes.EventView)
    def get(self, request: Request, event: str) -> Response:
        row = self.found(Event.objects.filter(public_id=event), code="event_not_found")
        return self.ok(shapes.present_event(row))


class Endpoints(ApiView):
    """The merchant's addresses that hear about events."""

    permission = {"GET": "webhooks:read", "POST": "webhooks:write"}

    @operation("List webhook endpoints", tag=_HOOKS, answer=shapes.EndpointView, is_list=True)
    def get(self, request: Request) -> Response:
        return self.page(_own(self.actor), present=shapes.present_endpoint)

    @operation(
        "Make a webhook endpoint",
        tag=_HOOKS,
        body=shapes.EndpointBody,
        example={
            "url": "https://ban-hang.example.vn/than",
            "event_types": ["points.*", "purchase.recorded"],
            "description": "Phần mềm bán hàng",
        },
        answer=EndpointMade,
        description=f"Deliveries follow Standard Webhooks 1.0.0. {_SHOWN_ONCE}",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.EndpointBody)
        done = create_endpoint(self.call(), **_plain(body))
        address = f"/api/v1/webhooks/{done.id}/"
        return self.created(done, location=address, revision=done.revision)


class OneEndpoint(ApiView):
    """One endpoint."""

    permission = {"GET": "webhooks:read", "PATCH": "webhooks:write", "DELETE": "webhooks:write"}

    @operation("Read a webhook endpoint", tag=_HOOKS, answer=shapes.EndpointView)
    def get(self, request: Request, endpoint: str) -> Response:
        return self._answer(endpoint)

    @operation(
        "Change a webhook endpoint",
        tag=_HOOKS,
        body=shapes.EndpointPatch,
        example={"event_types": ["points.*"], "is_active": True},
        answer=shapes.EndpointView,
    )
    def patch(self, request: Request, endpoint: str) -> Response:
        body = self.read(shapes.EndpointPatch)
        call, revision = self.call(), self.if_match()
        update_endpoint(call, endpoint=endpoint, revision=revision, **_plain(body))
        return self._answer(endpoint)

    @operation("Remove a webhook endpoint", tag=_HOOKS, description="Its delivery log goes too.")
    def delete(self, request: Request, endpoint: str) -> Response:
        delete_endpoint(self.call(), endpoint=endpoint)
        return self.gone()

    def _answer(self, endpoint: str) -> Response:
        rows = _own(self.actor).filter(public_id=endpoint)
        row = self.found(rows, code="endpoint_not_found", field="endpoint")
        return self.ok(shapes.present_endpoint(row), revision=row.revision)


class RotateSecret(ApiView):
    """A new secret, with an overlap."""

    permission = "webhooks:write"

    @operation(
        "Rotate a webhook secret",
        tag=_HOOKS,
        body=shapes.SecretBody,
        example={"overlap_hours": 24},
        answer=EndpointMade,
        description=f"During the overlap deliveries carry both signatures. {_SHOWN_ONCE}",
    )
    def post(self, request: Request, endpoint: str) -> Response:
        body = self.read(shapes.SecretBody)
        return self.created(rotate_secret(self.call(), endpoint=endpoint, **body))


class TestEvent(ApiView):
    """A trial delivery."""

    permission = "webhooks:write"

    @operation("Send a test event", tag=_HOOKS, answer=DeliveryQueued, status=202)
    def post(self, request: Request, endpoint: str) -> Response:
        return Response(send_test_event(self.call(), endpoint=endpoint), status=202)


class Missed(ApiView):
    """What an endpoint missed."""

    permission = "webhooks:write"

    @operation(
        "Replay what an endpoint missed",
        tag=_HOOKS,
        body=shapes.MissedBody,
        example={"since": "2026-11-20T00:00:00+07:00"},
        answer=DeliveriesQueued,
        status=202,
    )
    def post(self, request: Request, endpoint: str) -> Response:
        body = self.read(shapes.MissedBody)
        done = replay_failed(self.call(), endpoint=endpoint, since=body["since"])
        return Response(done, status=202)


class Deliveries(ApiView):
    """The delivery log of an endpoint."""

    permission = "webhooks:read"

    @operation(
        "List deliveries",
        tag=_HOOKS,
        answer=shapes.DeliveryView,
        query=shapes.DeliveryQuery,
        is_list=True,
    )
    def get(self, request: Request, endpoint: str) -> Response:
        row = self.found(_own(self.actor).filter(public_id=endpoint), code="endpoint_not_found")
        named = {"state": "state", "event": "event__public_id"}
        filters = self.query(shapes.DeliveryQuery)
        rows = WebhookDelivery.objects.select_related("event").filter(
            endpoint=row, **{named[name]: value for name, value in filters.items()}
        )
        return self.page(rows, present=shapes.present_delivery)


class ReplayDelivery(ApiView):
    """Another try for one delivery."""

    permission = "webhooks:write"

    @operation("Replay a delivery", tag=_HOOKS, answer=DeliveryQueued, status=202)
    def post(self, request: Request, delivery: str) -> Response:
        return Response(replay_delivery(self.call(), delivery=delivery), status=202)


def _own(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """The endpoints of the caller's merchant."""
    return WebhookEndpoint.objects.filter(merchant=actor.merchant_id)


def _events(filters: dict[str, Any]) -> QuerySet[Event]:
    rows = Event.objects.all()
    for name, value in filters.items():
        if name == "type" and value.endswith(".*"):
            rows = rows.filter(type__startswith=value[:-1])
        elif name in ("type", "subject"):
            rows = rows.filter(**{name: value})
        else:
            rows = rows.filter(**{_BOUNDS[name]: value})
    return rows


_BOUNDS = {"since": "recorded_at__gte", "until": "recorded_at__lt"}


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """A checked body as the command's arguments: lists become tuples."""
    return {name: tuple(one) if isinstance(one, list) else one for name, one in body.items()}


routes = [
    path("events/", Events.as_view()),
    path("events/<str:event>/", OneEvent.as_view()),
    path("webhooks/", Endpoints.as_view()),
    path("webhooks/<str:endpoint>/", OneEndpoint.as_view()),
    path("webhooks/<str:endpoint>/rotate-secret/", RotateSecret.as_view()),
    path("webhooks/<str:endpoint>/test/", TestEvent.as_view()),
    path("webhooks/<str:endpoint>/replay/", Missed.as_view()),
    path("webhooks/<str:endpoint>/deliveries/", Deliveries.as_view()),
    path("webhook-deliveries/<str:delivery>/replay/", ReplayDelivery.as_view()),
]
