"""Good causes over the API. Causes and ways of giving are written as rules (``donations.cause``)."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.donations import selectors, services
from campaigns.donations import serializers as shapes
from campaigns.donations.models import Cause
from campaigns.donations.rules import read_year
from campaigns.donations.services import PayoutView, PointsGiven, WishView
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id

_TAG = "Good causes"
_CAUSE = "rul_01m83t9zbd6gkp1s0jj2rx8n5v"


def _shown(cause: Cause) -> shapes.CauseView:
    return shapes.present_cause(selectors.figures_of(cause), is_open=selectors.is_open(cause))


class Causes(ApiView):
    """All causes."""

    permission = "donations:read"

    @operation("List good causes with their totals", tag=_TAG, answer=list[shapes.CauseView])
    def get(self, request: Request) -> Response:
        found = selectors.figures(selectors.causes())
        return self.ok(
            [shapes.present_cause(one, is_open=selectors.is_open(one.cause)) for one in found]
        )


class OneCause(ApiView):
    """One cause."""

    permission = "donations:read"

    @operation("Read a good cause", tag=_TAG, answer=shapes.CauseView)
    def get(self, request: Request, cause: str) -> Response:
        return self.ok(_shown(selectors.access_cause(cause)))


class Payouts(ApiView):
    """What was handed over to a cause."""

    permission = {"GET": "donations:read", "POST": "donations:transfer"}

    @operation("List payouts to a cause, newest first", tag=_TAG, answer=PayoutView, is_list=True)
    def get(self, request: Request, cause: str) -> Response:
        rows = selectors.payouts(cause=selectors.access_cause(cause))
        return self.page(rows, present=services.view_of)

    @operation(
        "Record a payout to a cause",
        tag=_TAG,
        body=shapes.PayoutBody,
        example={"reference": "VCB 2026-11", "amount_minor": 250_000},
        answer=PayoutView,
        errors=(409, 422),
        description="Once for each reference; at most what is owed by the ledger. A cause that is "
        "paused or over is paid only with `although_closed`.",
    )
    def post(self, request: Request, cause: str) -> Response:
        body = self.read(shapes.PayoutBody)
        return self.created(services.pay_out(self.call(), cause=cause, **body))


class Forgive(ApiView):
    """What a cause got too much."""

    permission = "donations:transfer"

    @operation(
        "Leave to a cause what refunds took back after a payout",
        tag=_TAG,
        body=shapes.ForgiveBody,
        example={"reason": "Goodwill"},
        answer=PayoutView,
        errors=(422,),
    )
    def post(self, request: Request, cause: str) -> Response:
        body = self.read(shapes.ForgiveBody)
        return self.created(services.forgive(self.call(), cause=cause, **body))


class MemberDonations(ApiView):
    """What a member gave."""

    permission = "donations:read"

    @operation(
        "Read what a member gave", tag=_TAG, answer=shapes.GivenView, query=shapes.GivenQuery
    )
    def get(self, request: Request, member: str) -> Response:
        row, typed = member_of_id(member), self.query(shapes.GivenQuery).get("year")
        year = read_year(typed) if typed else None
        lines, sums = selectors.given_by(row, year=year).lines, selectors.given_sums(row, year=year)
        return self.ok(shapes.present_given(member, lines, sums))


class MemberWish(ApiView):
    """A member's own cause, and rounding up."""

    permission = "donations:write"

    @operation(
        "Choose a member's cause, and whether bills are rounded up",
        tag=_TAG,
        body=shapes.WishBody,
        example={"cause": _CAUSE, "round_up": True},
        answer=WishView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, member: str) -> Response:
        return self.ok(services.choose(self.call(), member=member, **self.read(shapes.WishBody)))


class MemberPoints(ApiView):
    """Points for a cause."""

    permission = "donations:write"

    @operation(
        "Give a member's points to a cause",
        tag=_TAG,
        body=shapes.PointsGiftBody,
        example={"cause": _CAUSE, "points": 50},
        answer=PointsGiven,
        errors=(422,),
        description="At what they are worth, rounded down. Cannot be undone.",
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.PointsGiftBody)
        return self.created(services.give_points(self.call(), member=member, **body))


routes = [
    path("causes/", Causes.as_view()),
    path("causes/<str:cause>/", OneCause.as_view()),
    path("causes/<str:cause>/payouts/", Payouts.as_view()),
    path("causes/<str:cause>/forgive/", Forgive.as_view()),
    path("members/<str:member>/donations/", MemberDonations.as_view()),
    path("members/<str:member>/donations/wish/", MemberWish.as_view()),
    path("members/<str:member>/donations/points/", MemberPoints.as_view()),
]
