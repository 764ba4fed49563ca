"""What a member has, and why: balances and ledger lines over the API; rules and activities."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.engine import rules_api
from loyalty.engine.explain import explain
from loyalty.engine.serializers import LedgerQuery
from loyalty.ledger.lines import AssetBalance, LedgerLine, balance_view, line_view, told
from loyalty.ledger.selectors import balances, lines_of
from loyalty.web.api import ApiView, operation
from members.profiles.models import Member

_TAG = "Balances"


class Balances(ApiView):
    """All a member's balances at this instant."""

    permission = "ledger:read"

    @operation("Read a member's balances", tag=_TAG, answer=list[AssetBalance])
    def get(self, request: Request, member: str) -> Response:
        holder = _holder(self, member)
        currency = self.programme.currency
        found = [balance_view(one, currency=currency) for one in balances(holder_id=holder)]
        return self.ok(found)


class Ledger(ApiView):
    """A member's history, every line with its reason."""

    permission = "ledger:read"

    @operation(
        "List a member's ledger",
        tag=_TAG,
        answer=LedgerLine,
        query=LedgerQuery,
        is_list=True,
    )
    def get(self, request: Request, member: str) -> Response:
        holder = _holder(self, member)
        wanted = self.query(LedgerQuery)
        rows = lines_of(holder_id=holder, asset=wanted.get("asset", ""))
        return self.page(rows, present=lambda row: line_view(row, text=explain(*told(row))))


def _holder(view: ApiView, member: str) -> int:
    rows = Member.objects.filter(public_id=member)
    return view.found(rows, code="member_not_found", field="member").holder_id


routes = [
    *rules_api.routes,
    path("members/<str:member>/balances/", Balances.as_view()),
    path("members/<str:member>/ledger/", Ledger.as_view()),
]
