"""Discounts over the API. They are written as rules of the kind ``discounts.discount_rule``."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id
from rewards.discounts import selectors
from rewards.discounts.quotes import discounts_for
from rewards.discounts.results import MemberDiscounts


class DiscountsOfMember(ApiView):
    """A member's better prices."""

    permission = "discounts:read"

    @operation(
        "Read a member's discounts and what they saved",
        tag="Discounts",
        answer=MemberDiscounts,
        description=(
            "The live discounts this member belongs to, for a shop that shows prices, and the last "
            "20 sales they lowered. What a basket costs exactly is answered by a quote."
        ),
    )
    def get(self, request: Request, member: str) -> Response:
        row, programme = member_of_id(member), self.actor.programme
        return self.ok(
            MemberDiscounts(
                member=row.public_id,
                currency=programme.currency,
                saved_minor=selectors.saved_minor(row),
                discounts=tuple(discounts_for(programme, row)),
                savings=tuple(selectors.savings(row)),
            )
        )


routes = [path("members/<str:member>/discounts/", DiscountsOfMember.as_view())]
