"""Store credit over the API. Cashback is written as rules; credit pays by ``use`` of a purchase."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id
from rewards.cashback import selectors
from rewards.cashback.results import StoreCredit


class CreditOfMember(ApiView):
    """A member's store credit."""

    permission = "cashback:read"

    @operation(
        "Read a member's store credit",
        tag="Cashback",
        answer=StoreCredit,
        description=(
            "What can be spent now, what waits and until when, and what expires within a "
            'month. A purchase spends it by `"use": {"store_credit": 20000}`.'
        ),
    )
    def get(self, request: Request, member: str) -> Response:
        return self.ok(selectors.store_credit(member_of_id(member)))


routes = [path("members/<str:member>/store-credit/", CreditOfMember.as_view())]
