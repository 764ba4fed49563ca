"""Deliveries: skipped, moved, packed, handed over; and what is to be picked for a day."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from tiers.subscriptions import selectors, services
from tiers.subscriptions import serializers as shapes
from tiers.subscriptions.results import DayList, SubscriptionOrderView, SubscriptionView

_TAG = "Subscription orders"


class Orders(ApiView):
    """All deliveries."""

    permission = "orders:read"

    @operation(
        "List deliveries",
        tag=_TAG,
        answer=SubscriptionOrderView,
        query=shapes.SubscriptionOrderQuery,
        is_list=True,
        description="Newest first. Days by `first_on` and `last_on`, both included.",
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.SubscriptionOrderQuery)
        state = wanted.pop("state", "")
        rows = selectors.filter_orders(
            merchant_id=self.actor.merchant_id, states=[state] if state else (), **wanted
        )
        book = selectors.TermsBook()
        return self.page(
            selectors.ready_to_list(rows), present=lambda row: selectors.shown(row, book=book)
        )


class PickList(ApiView):
    """What goes out on a day."""

    permission = "orders:read"

    @operation(
        "Read the pick list of a day",
        tag=_TAG,
        answer=DayList,
        query=shapes.PickListQuery,
        description="Products in all and by delivery. Open deliveries are a forecast (`open`).",
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.PickListQuery)
        return self.ok(selectors.day_list(wanted["on"], merchant_id=self.actor.merchant_id))


class OneOrder(ApiView):
    """One delivery."""

    permission = "orders:read"

    @operation("Read a delivery", tag=_TAG, answer=SubscriptionOrderView)
    def get(self, request: Request, order: str) -> Response:
        row = selectors.access_order(order, merchant_id=self.actor.merchant_id)
        return self.ok(selectors.shown(row), revision=row.revision)


class _Act(ApiView):
    def act(self, command: Any, order: str, **values: Any) -> Response:
        """Run a command; If-Match is heeded where it is sent."""
        revision = self.if_match() if "If-Match" in self.request.headers else None
        done = command(self.call(), order=order, revision=revision, **values)
        return self.ok(done, revision=done.revision)


class Skip(_Act):
    """It does not come."""

    permission = "subscriptions:write"

    @operation("Skip a delivery", tag=_TAG, answer=SubscriptionView, status=200)
    def post(self, request: Request, order: str) -> Response:
        return self.act(services.skip_order, order)


class Unskip(_Act):
    """It comes after all."""

    permission = "subscriptions:write"

    @operation("Take a skip back", tag=_TAG, answer=SubscriptionView, status=200)
    def post(self, request: Request, order: str) -> Response:
        return self.act(services.unskip_order, order)


class Reschedule(_Act):
    """It comes on another day."""

    permission = "subscriptions:write"

    @operation(
        "Put a delivery on another day",
        tag=_TAG,
        body=shapes.RescheduleBody,
        example={"to": "2026-12-24"},
        answer=SubscriptionView,
        status=200,
    )
    def post(self, request: Request, order: str) -> Response:
        return self.act(services.reschedule_order, order, **self.read(shapes.RescheduleBody))


class Pack(_Act):
    """It is packed."""

    permission = "orders:write"

    @operation("Pack a delivery", tag=_TAG, answer=SubscriptionOrderView, status=200)
    def post(self, request: Request, order: str) -> Response:
        return self.act(services.pack_order, order)


class Deliver(_Act):
    """It is handed over."""

    permission = "orders:write"

    @operation(
        "Hand a delivery over",
        tag=_TAG,
        body=shapes.HandOverBody,
        example={"cash": True},
        answer=SubscriptionOrderView,
        status=200,
    )
    def post(self, request: Request, order: str) -> Response:
        return self.act(services.deliver_order, order, **self.read(shapes.HandOverBody))


class CancelOrder(_Act):
    """The shop cannot send it."""

    permission = "orders:write"

    @operation(
        "Cancel a delivery",
        tag=_TAG,
        body=shapes.CancelOrderBody,
        example={"reason": "Hết hàng"},
        answer=SubscriptionOrderView,
        status=200,
        description="What was paid goes back, and the sale it became is undone.",
    )
    def post(self, request: Request, order: str) -> Response:
        return self.act(services.cancel_order, order, **self.read(shapes.CancelOrderBody))
