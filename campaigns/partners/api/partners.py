"""Partners, their counters, keys and statements over the API."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.partners import serializers as shapes
from campaigns.partners.rules.offers import month_of
from campaigns.partners.selectors import partners as reads
from campaigns.partners.selectors import statements as statement_reads
from campaigns.partners.services import desks, presenting, statements
from campaigns.partners.services import partners as services
from campaigns.partners.services.results import DeskView, PartnerView, StatementView
from loyalty.web.api import ApiView, operation

_TAG = "Partners"
_NEW = {"code": "bookshop", "name": "Hiệu sách Bên Cạnh", "void_minutes": 30}


class Partners(ApiView):
    """All partners."""

    permission = {"GET": "partners:read", "POST": "partners:write"}

    @operation("List partners", tag=_TAG, answer=list[PartnerView])
    def get(self, request: Request) -> Response:
        return self.ok([presenting.partner_view(row) for row in reads.partners()])

    @operation(
        "Add a partner",
        tag=_TAG,
        body=shapes.PartnerBody,
        example=_NEW,
        answer=PartnerView,
        errors=(409, 422),
    )
    def post(self, request: Request) -> Response:
        done = services.add_partner(self.call(), **self.read(shapes.PartnerBody))
        return self.created(done, location=f"/api/v1/partners/{done.id}/", revision=done.revision)


class OnePartner(ApiView):
    """One partner."""

    permission = {"GET": "partners:read", "PATCH": "partners:write"}

    @operation("Read a partner", tag=_TAG, answer=PartnerView)
    def get(self, request: Request, partner: str) -> Response:
        row = reads.access_partner(partner)
        return self.ok(presenting.partner_view(row), revision=row.revision)

    @operation(
        "Change a partner",
        tag=_TAG,
        body=shapes.PartnerChangeBody,
        example={"void_minutes": 60},
        answer=PartnerView,
    )
    def patch(self, request: Request, partner: str) -> Response:
        row = reads.access_partner(partner)
        changes = self.read(shapes.PartnerChangeBody)
        call, revision = self.call(), self.if_match()
        done = services.change_partner(call, partner=row.public_id, revision=revision, **changes)
        return self.ok(done, revision=done.revision)


class Desks(ApiView):
    """A partner's counters."""

    permission = {"GET": "partners:read", "POST": "partners:write"}

    @operation("List a partner's counters", tag=_TAG, answer=list[DeskView])
    def get(self, request: Request, partner: str) -> Response:
        rows = reads.desks_of(reads.access_partner(partner)).select_related("partner")
        return self.ok([presenting.desk_view(row) for row in rows])

    @operation(
        "Invite a counter",
        tag=_TAG,
        body=shapes.DeskBody,
        example={"name": "Quầy 1"},
        answer=DeskView,
        errors=(422,),
        description="`invitation` is a one-time code, told once; it is taken on the device.",
    )
    def post(self, request: Request, partner: str) -> Response:
        row = reads.access_partner(partner)
        body = self.read(shapes.DeskBody)
        return self.created(desks.invite_desk(self.call(), partner=row.public_id, **body))


class RevokeDesk(ApiView):
    """Shutting a counter out."""

    permission = "partners:write"

    @operation("Revoke a counter", tag=_TAG, answer=DeskView, status=200)
    def post(self, request: Request, desk: str) -> Response:
        return self.ok(desks.revoke_desk(self.call(), desk=desk))


class PartnerKeys(ApiView):
    """Keys that are a partner's own."""

    permission = "keys:write"

    @operation(
        "Make an API key a partner's own",
        tag=_TAG,
        body=shapes.PartnerKeyBody,
        example={"api_key": "key_01jd3kq6w3v8n0c5r7t9y2b4e6"},
        answer=PartnerView,
        errors=(422,),
        description=(
            "The key may have no scopes but `partner_codes:read`, `partner_codes:write` and "
            "`partner_transactions:write`; it reaches this partner's codes and payments alone."
        ),
    )
    def post(self, request: Request, partner: str) -> Response:
        row = reads.access_partner(partner)
        body = self.read(shapes.PartnerKeyBody)
        services.bind_key(self.call(), partner=row.public_id, api_key=body["api_key"])
        return self.created(presenting.partner_view(row))


class Statements(ApiView):
    """A partner's closed months."""

    permission = {"GET": "partners:read", "POST": "partners:transfer"}

    @operation("List a partner's statements", tag=_TAG, answer=StatementView, is_list=True)
    def get(self, request: Request, partner: str) -> Response:
        rows = statement_reads.statements(reads.access_partner(partner))
        return self.page(rows, present=presenting.statement_view)

    @operation(
        "Close a partner's month",
        tag=_TAG,
        body=shapes.MonthBody,
        example={"month": "2026-10"},
        answer=StatementView,
        errors=(422,),
        description=(
            "Once: closed before, it is answered as it was. What is taken back after the close "
            "stands on the next statement."
        ),
    )
    def post(self, request: Request, partner: str) -> Response:
        row = reads.access_partner(partner)
        month = month_of(self.read(shapes.MonthBody)["month"])
        return self.created(statements.close_month(self.call(), partner=row.public_id, month=month))


class OneStatement(ApiView):
    """One statement with its lines."""

    permission = "partners:read"

    @operation("Read a statement", tag=_TAG, answer=shapes.StatementDetail)
    def get(self, request: Request, statement: str) -> Response:
        return self.ok(shapes.present_statement(statement_reads.access_statement(statement)))


class Settle(ApiView):
    """How a statement was paid."""

    permission = "partners:transfer"

    @operation(
        "Record that a statement was paid",
        tag=_TAG,
        body=shapes.SettleBody,
        example={"reference": "VCB 2026-11-05"},
        answer=StatementView,
        status=200,
        errors=(409, 422),
    )
    def post(self, request: Request, statement: str) -> Response:
        body = self.read(shapes.SettleBody)
        return self.ok(statements.settle_statement(self.call(), statement=statement, **body))


routes = [
    path("partners/", Partners.as_view()),
    path("partners/<str:partner>/", OnePartner.as_view()),
    path("partners/<str:partner>/desks/", Desks.as_view()),
    path("partners/<str:partner>/keys/", PartnerKeys.as_view()),
    path("partners/<str:partner>/statements/", Statements.as_view()),
    path("partner-desks/<str:desk>/revoke/", RevokeDesk.as_view()),
    path("partner-statements/<str:statement>/", OneStatement.as_view()),
    path("partner-statements/<str:statement>/settle/", Settle.as_view()),
]
