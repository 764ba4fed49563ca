"""Bills over the API. A key sees and changes the bills of its own merchant."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.payments import selectors, services
from loyalty.payments import serializers as shapes
from loyalty.payments.results import ChargeView, RefundView
from loyalty.web.api import ApiView, operation

_TAG = "Payments"
_WRITE = "payments:write"


class Charges(ApiView):
    """All bills of the merchant."""

    permission = {"GET": "payments:read", "POST": _WRITE}

    @operation(
        "List charges, newest first",
        tag=_TAG,
        answer=ChargeView,
        query=shapes.ChargeQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.ChargeQuery)
        rows = selectors.filter_charges(merchant_id=self.actor.merchant_id, **wanted)
        return self.page(rows, present=selectors.view_of)

    @operation(
        "Open a charge",
        tag=_TAG,
        body=shapes.ChargeBody,
        example={
            "member": "mem_01jd3kq6",
            "amount_minor": 99000,
            "kind": "order",
            "subject": "DH-1024",
            "text_vi": "Đơn hàng 1024",
        },
        answer=ChargeView,
        description="Send the payer to `pay_path`; `payment.*` events tell what became of it.",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.ChargeBody)
        done = services.open_charge(self.call(), **body)
        return self.created(done, location=f"/api/v1/charges/{done.id}/")


class OneCharge(ApiView):
    """One bill."""

    permission = "payments:read"

    @operation("Read a charge", tag=_TAG, answer=ChargeView)
    def get(self, request: Request, charge: str) -> Response:
        row = selectors.access_charge(charge, merchant_id=self.actor.merchant_id)
        return self.ok(selectors.view_of(row))


class Cash(ApiView):
    """Cash at the counter."""

    permission = _WRITE

    @operation(
        "Take cash",
        tag=_TAG,
        body=shapes.AmountBody,
        example={},
        answer=ChargeView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, charge: str) -> Response:
        body = self.read(shapes.AmountBody)
        return self.ok(services.take_cash(self.call(), charge=charge, **body))


class Confirm(ApiView):
    """A transfer seen on the bank account."""

    permission = _WRITE

    @operation(
        "Confirm a bank transfer",
        tag=_TAG,
        body=shapes.ConfirmTransferBody,
        example={"amount_minor": 99000},
        answer=ChargeView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, charge: str) -> Response:
        body = self.read(shapes.ConfirmTransferBody)
        return self.ok(services.confirm_transfer(self.call(), charge=charge, **body))


class Cancel(ApiView):
    """Giving a bill up."""

    permission = _WRITE

    @operation(
        "Cancel a charge",
        tag=_TAG,
        body=shapes.CancelChargeBody,
        example={},
        answer=ChargeView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, charge: str) -> Response:
        body = self.read(shapes.CancelChargeBody)
        return self.ok(services.cancel_charge(self.call(), charge=charge, **body))


class Refund(ApiView):
    """Giving money back."""

    permission = _WRITE

    @operation(
        "Refund a charge",
        tag=_TAG,
        body=shapes.ChargeRefundBody,
        example={"amount_minor": 20000, "reason": "Giao thiếu"},
        answer=RefundView,
        errors=(422,),
        description="`asked` while a gateway sends it back; `payment.refunded` tells when it did.",
    )
    def post(self, request: Request, charge: str) -> Response:
        body = self.read(shapes.ChargeRefundBody)
        return self.created(services.refund_charge(self.call(), charge=charge, **body))


class AcceptLate(ApiView):
    """Money that came after the bill was closed."""

    permission = _WRITE

    @operation(
        "Accept late money",
        tag=_TAG,
        answer=ChargeView,
        status=200,
        errors=(422,),
        description="It counts: `payment.paid` with `is_late` follows, and what was billed begins.",
    )
    def post(self, request: Request, charge: str) -> Response:
        return self.ok(services.accept_late(self.call(), charge=charge))


class Dismiss(ApiView):
    """What staff dealt with otherwise."""

    permission = _WRITE

    @operation(
        "Dismiss what needs attention",
        tag=_TAG,
        answer=ChargeView,
        status=200,
        description="The figures stay; `attention` is empty.",
    )
    def post(self, request: Request, charge: str) -> Response:
        return self.ok(services.dismiss_attention(self.call(), charge=charge))


class Match(ApiView):
    """Money nobody could tell the bill of."""

    permission = _WRITE

    @operation(
        "Match an unmatched payment to a charge",
        tag=_TAG,
        body=shapes.MatchBody,
        example={"event": "pev_01m83t9zbd6gkp1s0jj2rx8n5v"},
        answer=ChargeView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, charge: str) -> Response:
        body = self.read(shapes.MatchBody)
        return self.ok(services.match_event(self.call(), charge=charge, **body))


class Unmatched(ApiView):
    """Money nobody could tell the bill of."""

    permission = "payments:read"

    @operation(
        "List unmatched payments, newest first",
        tag=_TAG,
        answer=shapes.UnmatchedPayment,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        rows = selectors.unmatched(merchant_id=self.actor.merchant_id)
        return self.page(rows, present=shapes.present_unmatched)


routes = [
    path("unmatched-payments/", Unmatched.as_view()),
    path("charges/", Charges.as_view()),
    path("charges/<str:charge>/", OneCharge.as_view()),
    path("charges/<str:charge>/cash/", Cash.as_view()),
    path("charges/<str:charge>/confirm/", Confirm.as_view()),
    path("charges/<str:charge>/cancel/", Cancel.as_view()),
    path("charges/<str:charge>/refund/", Refund.as_view()),
    path("charges/<str:charge>/accept-late/", AcceptLate.as_view()),
    path("charges/<str:charge>/dismiss/", Dismiss.as_view()),
    path("charges/<str:charge>/match/", Match.as_view()),
]
