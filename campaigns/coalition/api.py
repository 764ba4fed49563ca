"""The coalition over the API: terms, prepaid blocks, months and statements.

A key that is bound to a merchant reads its own terms and statements; the rest is the operator's.
"""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.coalition import selectors, services
from campaigns.coalition import serializers as shapes
from campaigns.coalition.services import (
    ClearingMonthView,
    ClearingPaymentView,
    ClearingSettingsView,
    MerchantTermsView,
    PrepaidBought,
)
from campaigns.coalition.services.months import view_of as run_view
from campaigns.coalition.services.terms import view_of as terms_view
from loyalty.web.api import ApiView, operation

_TAG = "Coalition"


class Partners(ApiView):
    """The merchants with their terms of today."""

    permission = "coalition:read"

    @operation(
        "List the coalition's merchants with their terms",
        tag=_TAG,
        answer=list[shapes.CoalitionMerchantView],
    )
    def get(self, request: Request) -> Response:
        return self.ok([shapes.present_partner(one) for one in selectors.partners()])


class OnePartner(ApiView):
    """One merchant."""

    permission = "coalition:read"

    @operation("Read a merchant of the coalition", tag=_TAG, answer=shapes.CoalitionMerchantView)
    def get(self, request: Request, merchant: str) -> Response:
        return self.ok(shapes.present_partner(selectors.partner_of_id(merchant)))


class TermsOfMerchant(ApiView):
    """All terms a merchant ever had."""

    permission = {"GET": "coalition:read", "POST": "coalition:write"}

    @operation(
        "List a merchant's terms, newest first", tag=_TAG, answer=MerchantTermsView, is_list=True
    )
    def get(self, request: Request, merchant: str) -> Response:
        rows = selectors.terms_of(selectors.merchant_of_id(merchant))
        return self.page(rows, order=("-starts_on", "-id"), present=terms_view)

    @operation(
        "Set a merchant's terms",
        tag=_TAG,
        body=shapes.MerchantTermsBody,
        example={
            "billing": "prepaid",
            "issue_price_minor": 100_000,
            "redeem_price_minor": 90_000,
            "when_empty": "refuse",
            "minimum": 500,
        },
        answer=MerchantTermsView,
        errors=(409, 422),
        description=(
            "From a day on. Terms are never changed: later ones take over, from tomorrow at the "
            "soonest. A merchant without terms issues and redeems no points once another has them."
        ),
    )
    def post(self, request: Request, merchant: str) -> Response:
        body = self.read(shapes.MerchantTermsBody)
        return self.created(services.set_terms(self.call(), merchant=merchant, **body))


class Leave(ApiView):
    """A merchant goes."""

    permission = "coalition:write"

    @operation(
        "Let a merchant leave",
        tag=_TAG,
        body=shapes.MerchantLeaveBody,
        example={},
        answer=MerchantTermsView,
        errors=(409, 422),
        description="From that day it gives and takes no points; theirs stay good everywhere else.",
    )
    def post(self, request: Request, merchant: str) -> Response:
        body = self.read(shapes.MerchantLeaveBody)
        return self.created(services.leave(self.call(), merchant=merchant, **body))


class Blocks(ApiView):
    """Points paid for in advance."""

    permission = {"GET": "coalition:read", "POST": "coalition:write"}

    @operation("List a merchant's prepaid blocks", tag=_TAG, answer=list[shapes.PrepaidBlockView])
    def get(self, request: Request, merchant: str) -> Response:
        found = selectors.blocks_of(selectors.merchant_of_id(merchant))
        return self.ok([shapes.present_block(one) for one in found])

    @operation(
        "Record a prepaid block",
        tag=_TAG,
        body=shapes.PrepaidBlockBody,
        example={"points": 10_000, "price_minor": 1_000_000, "reference": "VCB 2026-10-02"},
        answer=PrepaidBought,
        errors=(409, 422),
        description="Once for each reference: the same one again buys nothing twice.",
    )
    def post(self, request: Request, merchant: str) -> Response:
        body = self.read(shapes.PrepaidBlockBody)
        return self.created(services.buy_block(self.call(), merchant=merchant, **body))


class Rest(ApiView):
    """What is left of the blocks of who left."""

    permission = "coalition:write"

    @operation(
        "Record that the rest of a leaving merchant's blocks was paid back",
        tag=_TAG,
        body=shapes.PrepaidRestBody,
        example={"reference": "VCB 2026-11-30"},
        answer=PrepaidBought,
        errors=(422,),
        description="At what the points left had cost; the earliest blocks count as used first.",
    )
    def post(self, request: Request, merchant: str) -> Response:
        body = self.read(shapes.PrepaidRestBody)
        return self.created(services.refund_rest(self.call(), merchant=merchant, **body))


class Clearing(ApiView):
    """How it is cleared."""

    permission = {"GET": "coalition:read", "POST": "coalition:write"}

    @operation("Read how the coalition clears", tag=_TAG, answer=ClearingSettingsView)
    def get(self, request: Request) -> Response:
        row = selectors.settings()
        return self.ok(ClearingSettingsView(asset=row.asset, breakage_to=row.breakage_to))

    @operation(
        "Set how the coalition clears",
        tag=_TAG,
        body=shapes.ClearingBody,
        example={"breakage_to": "issuer"},
        answer=ClearingSettingsView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request) -> Response:
        return self.ok(services.change_settings(self.call(), **self.read(shapes.ClearingBody)))


class Months(ApiView):
    """The months that were cleared."""

    permission = {"GET": "coalition:read", "POST": "coalition:transfer"}

    @operation(
        "List cleared months, newest first", tag=_TAG, answer=ClearingMonthView, is_list=True
    )
    def get(self, request: Request) -> Response:
        return self.page(selectors.runs(), order=("-month",), present=run_view)

    @operation(
        "Draw up a month",
        tag=_TAG,
        body=shapes.ClearingMonthBody,
        example={"month": "2026-10"},
        answer=ClearingMonthView,
        status=200,
        errors=(409, 422),
        description=(
            "What was recorded in the month, in the programme's time zone. As often as you like; a "
            "closed month stays as it is."
        ),
    )
    def post(self, request: Request) -> Response:
        return self.ok(services.run_month(self.call(), **self.read(shapes.ClearingMonthBody)))


class OneMonth(ApiView):
    """One month."""

    permission = "coalition:read"

    @operation("Read a cleared month", tag=_TAG, answer=ClearingMonthView)
    def get(self, request: Request, run: str) -> Response:
        return self.ok(run_view(selectors.run_of_id(run)))


class CloseMonth(ApiView):
    """The end of a month."""

    permission = "coalition:transfer"

    @operation(
        "Close a month",
        tag=_TAG,
        answer=ClearingMonthView,
        status=200,
        errors=(422,),
        description="Its statements are final. A later refund is an adjustment of the next month.",
    )
    def post(self, request: Request, run: str) -> Response:
        return self.ok(services.close_month(self.call(), run=run))


class Statements(ApiView):
    """What merchants get and pay."""

    permission = "coalition:read"

    @operation(
        "List statements, newest first",
        tag=_TAG,
        answer=shapes.ClearingStatementView,
        query=shapes.ClearingStatementQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        named = {"month": "run__month", "state": "state"}
        wanted = self.query(shapes.ClearingStatementQuery)
        rows = selectors.statements().filter(
            **{named[name]: value for name, value in wanted.items()}
        )
        currency = self.programme.currency
        return self.page(rows, present=lambda row: shapes.present_statement(row, currency=currency))


class OneStatement(ApiView):
    """One statement with its lines."""

    permission = "coalition:read"

    @operation("Read a statement", tag=_TAG, answer=shapes.ClearingStatementView)
    def get(self, request: Request, statement: str) -> Response:
        row = selectors.statement_of_id(statement)
        currency, lines = self.programme.currency, selectors.lines_of(row)
        return self.ok(shapes.present_statement(row, currency=currency, lines=lines))


class StatementPayment(ApiView):
    """Money for a statement."""

    permission = "coalition:transfer"

    @operation(
        "Settle a statement",
        tag=_TAG,
        body=shapes.ClearingPaymentBody,
        example={"amount_minor": 250_000, "reference": "VCB 2026-11-03"},
        answer=ClearingPaymentView,
        errors=(409, 422),
        description="Exactly what is due, whichever way the money goes; once for each reference.",
    )
    def post(self, request: Request, statement: str) -> Response:
        body = self.read(shapes.ClearingPaymentBody)
        return self.created(services.record_payment(self.call(), statement=statement, **body))


_MERCHANT = "coalition/merchants/<str:merchant>/"
routes = [
    path("coalition/merchants/", Partners.as_view()),
    path(_MERCHANT, OnePartner.as_view()),
    path(f"{_MERCHANT}terms/", TermsOfMerchant.as_view()),
    path(f"{_MERCHANT}leave/", Leave.as_view()),
    path(f"{_MERCHANT}blocks/", Blocks.as_view()),
    path(f"{_MERCHANT}blocks/refund/", Rest.as_view()),
    path("coalition/clearing/", Clearing.as_view()),
    path("coalition/months/", Months.as_view()),
    path("coalition/months/<str:run>/", OneMonth.as_view()),
    path("coalition/months/<str:run>/close/", CloseMonth.as_view()),
    path("coalition/statements/", Statements.as_view()),
    path("coalition/statements/<str:statement>/", OneStatement.as_view()),
    path("coalition/statements/<str:statement>/payment/", StatementPayment.as_view()),
]
