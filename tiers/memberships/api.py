"""Plans and memberships over the API. Plans are written as rules of the kind ``memberships.plan``."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from tiers.memberships import selectors, services
from tiers.memberships import serializers as shapes
from tiers.memberships.results import MembershipView, view_of

_TAG = "Memberships"
_JOIN = {"member": "mem_01m83t9zbd6gkp1s0jj2rx8n5v", "plan": "prime"}


class Plans(ApiView):
    """The plans people can join now."""

    permission = "memberships:read"

    @operation("List plans on offer", tag=_TAG, answer=list[shapes.PlanView])
    def get(self, request: Request) -> Response:
        return self.ok([shapes.present_plan(row) for row in selectors.plans_on_offer()])


class Memberships(ApiView):
    """All memberships."""

    permission = {"GET": "memberships:read", "POST": "memberships:write"}

    @operation(
        "List memberships",
        tag=_TAG,
        answer=MembershipView,
        query=shapes.MembershipQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.MembershipQuery)
        rows = selectors.memberships(states=[wanted["state"]] if "state" in wanted else ())
        if "member" in wanted:
            rows = rows.filter(member__public_id=wanted["member"])
        return self.page(rows, present=view_of)

    @operation(
        "Join a plan",
        tag=_TAG,
        body=shapes.JoinBody,
        example=_JOIN,
        answer=MembershipView,
        description=(
            "Begins the free trial where the plan has one and this person has not had it, else opens "
            "the bill of the first period (`charge`); the membership runs once it is paid."
        ),
    )
    def post(self, request: Request) -> Response:
        done = services.join_plan(self.call(), **self.read(shapes.JoinBody))
        return _made(self, done)


class Grants(ApiView):
    """Memberships given by the shop."""

    permission = "memberships:write"

    @operation(
        "Give a plan to a member",
        tag=_TAG,
        body=shapes.GrantBody,
        example={**_JOIN, "until": "2027-01-01T00:00:00+07:00", "reason": "Khách mời"},
        answer=MembershipView,
    )
    def post(self, request: Request) -> Response:
        return _made(self, services.grant_plan(self.call(), **self.read(shapes.GrantBody)))


class Gifts(ApiView):
    """Memberships given by members."""

    permission = "memberships:write"

    @operation(
        "Buy a plan for another",
        tag=_TAG,
        body=shapes.GiftBody,
        example={**_JOIN, "to": "mem_01m83t9zbd6gkp1s0jj2rx8n5w"},
        answer=MembershipView,
    )
    def post(self, request: Request) -> Response:
        return _made(self, services.give_plan(self.call(), **self.read(shapes.GiftBody)))


class OneMembership(ApiView):
    """One membership."""

    permission = "memberships:read"

    @operation("Read a membership", tag=_TAG, answer=MembershipView)
    def get(self, request: Request, membership: str) -> Response:
        row = selectors.access_membership(membership)
        return self.ok(view_of(row), revision=row.revision)


class Cancel(ApiView):
    """Stop a membership."""

    permission = "memberships:write"

    @operation(
        "Cancel a membership",
        tag=_TAG,
        body=shapes.CancelBody,
        example={"at_once": True},
        status=200,
        answer=MembershipView,
        description="At once: gives back what the plan promises (`refunded_minor`).",
    )
    def post(self, request: Request, membership: str) -> Response:
        body = self.read(shapes.CancelBody)
        call = self.call()
        done = services.cancel_membership(
            call, membership=membership, at_once=body.get("at_once", False)
        )
        return self.ok(done)


class _Move(ApiView):
    permission = "memberships:write"

    def move(self, command: Any, membership: str) -> Response:
        """Run a command that takes nothing but the membership."""
        return self.ok(command(self.call(), membership=membership))


class Keep(_Move):
    """Take a cancellation back."""

    @operation(
        "Take a cancellation back",
        tag=_TAG,
        answer=MembershipView,
        status=200,
        description="What the shop gave goes on as a bought one: the bill is for the time after it.",
    )
    def post(self, request: Request, membership: str) -> Response:
        return self.move(services.keep_membership, membership)


class Pause(_Move):
    """Stop the clock."""

    @operation("Pause a membership", tag=_TAG, answer=MembershipView, status=200)
    def post(self, request: Request, membership: str) -> Response:
        return self.move(services.pause_membership, membership)


class Resume(_Move):
    """Go on."""

    @operation("Resume a membership", tag=_TAG, answer=MembershipView, status=200)
    def post(self, request: Request, membership: str) -> Response:
        return self.move(services.resume_membership, membership)


def _made(view: ApiView, done: MembershipView) -> Response:
    location = f"/api/v1/memberships/{done.id}/"
    return view.created(done, location=location, revision=done.revision)


routes = [
    path("plans/", Plans.as_view()),
    path("memberships/", Memberships.as_view()),
    path("memberships/grants/", Grants.as_view()),
    path("memberships/gifts/", Gifts.as_view()),
    path("memberships/<str:membership>/", OneMembership.as_view()),
    path("memberships/<str:membership>/cancel/", Cancel.as_view()),
    path("memberships/<str:membership>/keep/", Keep.as_view()),
    path("memberships/<str:membership>/pause/", Pause.as_view()),
    path("memberships/<str:membership>/resume/", Resume.as_view()),
]
