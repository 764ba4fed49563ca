"""Referrals over the API. Programmes are written as rules (``referrals.referral_programme``)."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.referrals import selectors, services
from campaigns.referrals import serializers as shapes
from campaigns.referrals.results import CodeView, ProgrammeFigures, ReferralView, referral_view
from campaigns.referrals.rules.codes import shown_code
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id

_TAG = "Referrals"
_NOTE = {"note": "Hai chị em, đã gọi hỏi"}


class Referrals(ApiView):
    """Who brought whom."""

    permission = "referrals:read"

    @operation(
        "List referrals, newest first",
        tag=_TAG,
        answer=ReferralView,
        query=shapes.ReferralQuery,
        is_list=True,
        description="The review queue is `?state=held`.",
    )
    def get(self, request: Request) -> Response:
        rows = selectors.referrals_by(**self.query(shapes.ReferralQuery))
        return self.page(rows, present=referral_view)


class ReferralFigures(ApiView):
    """What programmes brought and cost."""

    permission = "referrals:read"

    @operation("Read what referrals brought and cost", tag=_TAG, answer=list[ProgrammeFigures])
    def get(self, request: Request) -> Response:
        return self.ok(selectors.figures(list(selectors.programmes())))


class OneReferral(ApiView):
    """One referral."""

    permission = "referrals:read"

    @operation("Read a referral", tag=_TAG, answer=ReferralView)
    def get(self, request: Request, referral: str) -> Response:
        return self.ok(referral_view(selectors.access_referral(referral)))


class Release(ApiView):
    """A held referral passes."""

    permission = "referrals:approve"

    @operation(
        "Release a held referral",
        tag=_TAG,
        body=shapes.HeldReferralBody,
        example=_NOTE,
        answer=ReferralView,
        status=200,
        errors=(422,),
        description="It is paid when its days to return are over; now, where they are.",
    )
    def post(self, request: Request, referral: str) -> Response:
        body = self.read(shapes.HeldReferralBody)
        return self.ok(services.release_referral(self.call(), referral=referral, **body))


class Reject(ApiView):
    """A held referral is rejected."""

    permission = "referrals:approve"

    @operation(
        "Reject a held referral for good",
        tag=_TAG,
        body=shapes.HeldReferralBody,
        example={"note": "Cùng một người, hai số điện thoại"},
        answer=ReferralView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, referral: str) -> Response:
        body = self.read(shapes.HeldReferralBody)
        return self.ok(services.reject_referral(self.call(), referral=referral, **body))


class MemberReferrals(ApiView):
    """A member's own code and figures."""

    permission = "referrals:read"

    @operation("Read a member's referrals", tag=_TAG, answer=shapes.MemberReferralsView)
    def get(self, request: Request, member: str) -> Response:
        row = member_of_id(member)
        code, came_by = selectors.code_of(row), selectors.referral_of(row)
        figures = selectors.figures_of(row)
        view = shapes.MemberReferralsView(
            member=member,
            code=shown_code(code.code) if code else "",
            made=figures.made,
            paid=figures.paid,
            came_by=referral_view(came_by) if came_by else None,
        )
        return self.ok(view)


class MemberCode(ApiView):
    """The code a member invites with."""

    permission = "referrals:write"

    @operation(
        "Give a member their referral code",
        tag=_TAG,
        answer=CodeView,
        status=200,
        errors=(422,),
        description="The same one each time. Friends give it as `code` when they join.",
    )
    def post(self, request: Request, member: str) -> Response:
        return self.ok(services.give_code(self.call(), member=member))


class ReferredBy(ApiView):
    """By whom a member came, said afterwards."""

    permission = "referrals:write"

    @operation(
        "Say by whose code a new member came",
        tag=_TAG,
        body=shapes.ReferredByBody,
        example={"code": "K7QM-4TXD"},
        answer=ReferralView,
        errors=(422,),
        description=(
            "For who forgot it when they joined: within a day, before the first purchase. "
            "Give it as `code` of the enrolment where you can."
        ),
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.ReferredByBody)
        return self.created(services.claim_code(self.call(), member=member, **body))


routes = [
    path("referrals/", Referrals.as_view()),
    path("referrals/figures/", ReferralFigures.as_view()),
    path("referrals/<str:referral>/", OneReferral.as_view()),
    path("referrals/<str:referral>/release/", Release.as_view()),
    path("referrals/<str:referral>/reject/", Reject.as_view()),
    path("members/<str:member>/referrals/", MemberReferrals.as_view()),
    path("members/<str:member>/referral-code/", MemberCode.as_view()),
    path("members/<str:member>/referred-by/", ReferredBy.as_view()),
]
