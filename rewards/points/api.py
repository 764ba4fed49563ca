"""Points over the API: adjustments, transfers, what waits for an event, settings."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, faults_inside, operation
from rewards.points import serializers as shapes
from rewards.points.models import Adjustment, Transfer
from rewards.points.results import (
    AdjustmentResult,
    SettingsView,
    TransferResult,
    WaitingResult,
)
from rewards.points.selectors import adjustment_view, settings_view, transfer_view
from rewards.points.services import (
    adjust_points,
    approve_adjustment,
    cancel_waiting,
    change_settings,
    confirm_waiting,
    reject_adjustment,
    transfer_points,
)

_TAG = "Points"


class Adjustments(ApiView):
    """Points given or taken by hand."""

    permission = {"GET": "points:read", "POST": "points:adjust"}

    @operation(
        "List adjustments",
        tag=_TAG,
        answer=AdjustmentResult,
        query=shapes.AdjustmentQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        return self.page(_adjustments(self.query(shapes.AdjustmentQuery)), present=adjustment_view)

    @operation(
        "Adjust a member's points",
        tag=_TAG,
        body=shapes.AdjustmentBody,
        example=shapes.ADJUSTMENT,
        answer=AdjustmentResult,
        description="Above the programme's limit it waits until another person approves it.",
    )
    def post(self, request: Request) -> Response:
        done = adjust_points(self.call(), **self.read(shapes.AdjustmentBody))
        return self.created(done, location=f"/api/v1/adjustments/{done.adjustment}/")


class OneAdjustment(ApiView):
    """An adjustment."""

    permission = "points:read"

    @operation("Read an adjustment", tag=_TAG, answer=AdjustmentResult)
    def get(self, request: Request, adjustment: str) -> Response:
        rows = _adjustments({}).filter(public_id=adjustment)
        row = self.found(rows, code="adjustment_not_found", field="adjustment")
        return self.ok(adjustment_view(row))


class ApproveAdjustment(ApiView):
    """A second person agrees."""

    permission = "points:approve"

    @operation(
        "Approve an adjustment",
        tag=_TAG,
        body=shapes.DecisionBody,
        example={},
        answer=AdjustmentResult,
        status=200,
    )
    def post(self, request: Request, adjustment: str) -> Response:
        body = self.read(shapes.DecisionBody)
        return self.ok(approve_adjustment(self.call(), adjustment=adjustment, **body))


class RejectAdjustment(ApiView):
    """A second person says no."""

    permission = "points:approve"

    @operation(
        "Reject an adjustment",
        tag=_TAG,
        body=shapes.DecisionBody,
        example={"note": "Không có hóa đơn"},
        answer=AdjustmentResult,
        status=200,
    )
    def post(self, request: Request, adjustment: str) -> Response:
        body = self.read(shapes.DecisionBody)
        return self.ok(reject_adjustment(self.call(), adjustment=adjustment, **body))


class Transfers(ApiView):
    """Points from member to member."""

    permission = "points:transfer"

    @operation(
        "Transfer points",
        tag=_TAG,
        body=shapes.TransferBody,
        example=shapes.TRANSFER,
        answer=TransferResult,
        description="Taken from the sender at once, brought to the receiver right after.",
    )
    def post(self, request: Request) -> Response:
        done = transfer_points(self.call(), **self.read(shapes.TransferBody))
        return self.created(done, location=f"/api/v1/transfers/{done.transfer}/")


class OneTransfer(ApiView):
    """A transfer on its way or settled."""

    permission = "points:read"

    @operation("Read a transfer", tag=_TAG, answer=TransferResult)
    def get(self, request: Request, transfer: str) -> Response:
        rows = Transfer.objects.select_related("sender", "receiver").filter(public_id=transfer)
        row = self.found(rows, code="transfer_not_found", field="transfer")
        return self.ok(transfer_view(row))


class ConfirmWaiting(ApiView):
    """What points waited for came."""

    permission = "points:confirm"

    @operation(
        "Confirm an event that points wait for",
        tag=_TAG,
        body=shapes.WaitingBody,
        example=shapes.DELIVERED,
        answer=WaitingResult,
        status=200,
    )
    def post(self, request: Request) -> Response:
        return self.ok(confirm_waiting(self.call(), **self.read(shapes.WaitingBody)))


class CancelWaiting(ApiView):
    """What points waited for will never come."""

    permission = "points:confirm"

    @operation(
        "Cancel points that wait for an event",
        tag=_TAG,
        body=shapes.WaitingBody,
        example=shapes.DELIVERED,
        answer=WaitingResult,
        status=200,
    )
    def post(self, request: Request) -> Response:
        return self.ok(cancel_waiting(self.call(), **self.read(shapes.WaitingBody)))


class Settings(ApiView):
    """What holds for all points."""

    permission = {"GET": "points:read", "PATCH": "points:write"}

    @operation(
        "Read the settings of points", tag=_TAG, answer=SettingsView, query=shapes.SettingsQuery
    )
    def get(self, request: Request) -> Response:
        found = settings_view(self.query(shapes.SettingsQuery).get("asset", "points"))
        return self.ok(found, revision=found.revision)

    @operation(
        "Change the settings of points",
        tag=_TAG,
        body=shapes.SettingsBody,
        example=shapes.SETTINGS,
        query=shapes.SettingsQuery,
        answer=SettingsView,
        description=(
            "Switching expiry on never kills points early: those without a date get one a full "
            "period after the switch."
        ),
    )
    def patch(self, request: Request) -> Response:
        body = self.read(shapes.SettingsBody)
        call, revision = self.call(), self.if_match()
        asset = self.query(shapes.SettingsQuery).get("asset", "points")
        with faults_inside("values", apart={"asset", "idempotency_key"} - set(body["values"])):
            done = change_settings(call, asset=asset, values=body["values"], revision=revision)
        return self.ok(done, revision=done.revision)


def _adjustments(filters: dict[str, Any]) -> QuerySet[Adjustment]:
    named = {"member": "member__public_id", "state": "state"}
    rows = Adjustment.objects.select_related("member")
    return rows.filter(**{named[name]: value for name, value in filters.items()})


routes = [
    path("adjustments/", Adjustments.as_view()),
    path("adjustments/<str:adjustment>/", OneAdjustment.as_view()),
    path("adjustments/<str:adjustment>/approve/", ApproveAdjustment.as_view()),
    path("adjustments/<str:adjustment>/reject/", RejectAdjustment.as_view()),
    path("transfers/", Transfers.as_view()),
    path("transfers/<str:transfer>/", OneTransfer.as_view()),
    path("points/confirm/", ConfirmWaiting.as_view()),
    path("points/cancel/", CancelWaiting.as_view()),
    path("points/settings/", Settings.as_view()),
]
