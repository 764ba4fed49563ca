"""What a member has, and why: balances and ledger lines over the API."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.engine import serializers as shapes
from loyalty.ledger.selectors import balances, lines_of
from loyalty.web.api import ApiView, operation
from members.profiles.models import Member

_TAG = "Balances"


class Balances(ApiView):
    """All a member's balances at this instant."""

    permission = "ledger:read"

    @operation("Read a member's balances", tag=_TAG, answer=list[shapes.AssetBalance])
    def get(self, request: Request, member: str) -> Response:
        holder = _holder(self, member)
        currency = self.programme.currency
        found = [
            shapes.present_balance(one, currency=currency) for one in balances(holder_id=holder)
        ]
        return self.ok(found)


class Ledger(ApiView):
    """A member's history, every line with its reason."""

    permission = "ledger:read"

    @operation(
        "List a member's ledger",
        tag=_TAG,
        answer=shapes.LedgerLine,
        query=shapes.LedgerQuery,
        is_list=True,
    )
    def get(self, request: Request, member: str) -> Response:
        holder = _holder(self, member)
        wanted = self.query(shapes.LedgerQuery)
        rows = lines_of(holder_id=holder, asset=wanted.get("asset", ""))
        return self.page(rows, present=shapes.present_line)


def _holder(view: ApiView, member: str) -> int:
    rows = Member.objects.filter(public_id=member)
    return view.found(rows, code="member_not_found", field="member").holder_id


routes = [
    path("members/<str:member>/balances/", Balances.as_view()),
    path("members/<str:member>/ledger/", Ledger.as_view()),
]
