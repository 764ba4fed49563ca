"""Groups of members, and how discussions work, over the API."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from community.discussions import selectors, services
from community.discussions import serializers as shapes
from community.discussions.models import Group
from community.discussions.services import (
    DiscussionSettingsAnswer,
    GroupAnswer,
    GroupValues,
    MembershipAnswer,
)
from community.discussions.services.settings import answer as settings_answer
from loyalty.web.api import ApiView, operation

_TAG = "Discussions"
_READ_WRITE = {"GET": "discussions:read", "POST": "discussions:write"}


class Groups(ApiView):
    """Groups of members."""

    permission = _READ_WRITE

    @operation("List groups", tag=_TAG, answer=shapes.GroupView, is_list=True)
    def get(self, request: Request) -> Response:
        return self.page(selectors.groups(everything=True), present=_group)

    @operation(
        "Make a group",
        tag=_TAG,
        body=shapes.GroupBody,
        example=shapes.GROUP,
        answer=GroupAnswer,
        errors=(409,),
    )
    def post(self, request: Request) -> Response:
        values = GroupValues(**self.read(shapes.GroupBody))
        done = services.make_group(self.call(), values=values)
        return self.created(done, location=f"/api/v1/groups/{done.id}/", revision=done.revision)


class OneGroup(ApiView):
    """A group."""

    permission = {"GET": "discussions:read", "PATCH": "discussions:write"}

    @operation("Read a group", tag=_TAG, answer=shapes.GroupView)
    def get(self, request: Request, group: str) -> Response:
        row = selectors.access_group(group, everything=True)
        return self.ok(_group(row), revision=row.revision)

    @operation(
        "Change a group",
        tag=_TAG,
        body=shapes.GroupChangeBody,
        example={"about": "Ai thích pha tay thì vào."},
        answer=GroupAnswer,
        errors=(409,),
    )
    def patch(self, request: Request, group: str) -> Response:
        revision = self.if_match()
        values = GroupValues(**self.read(shapes.GroupChangeBody))
        done = services.save_group(self.call(), group=group, values=values, revision=revision)
        return self.ok(done, revision=done.revision)


class GroupMembers(ApiView):
    """Who is in a group."""

    permission = _READ_WRITE

    @operation(
        "List who is in a group, or at its door",
        tag=_TAG,
        answer=shapes.MembershipView,
        is_list=True,
    )
    def get(self, request: Request, group: str) -> Response:
        row = selectors.access_group(group, everything=True)
        rows = row.memberships.select_related("group", "member")
        return self.page(rows, present=shapes.present_membership)

    @operation(
        "Let a member join, or ask to",
        tag=_TAG,
        body=shapes.GroupMemberBody,
        example={"member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"},
        answer=MembershipAnswer,
        errors=(422,),
    )
    def post(self, request: Request, group: str) -> Response:
        member = self.read(shapes.GroupMemberBody)["member"]
        return self.created(services.ask_for_group(self.call(), member=member, group=group))


class LeaveGroup(ApiView):
    """Out of a group."""

    permission = "discussions:write"

    @operation(
        "Leave a group",
        tag=_TAG,
        body=shapes.GroupMemberBody,
        example={"member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"},
        answer=MembershipAnswer,
        status=200,
    )
    def post(self, request: Request, group: str) -> Response:
        member = self.read(shapes.GroupMemberBody)["member"]
        return self.ok(services.leave_group(self.call(), member=member, group=group))


class MembershipDecision(ApiView):
    """Let in, or put out."""

    permission = "discussions:write"

    @operation(
        "Let somebody into a group, or put them out",
        tag=_TAG,
        body=shapes.MembershipDecisionBody,
        example={"is_in": True},
        answer=MembershipAnswer,
        status=200,
    )
    def post(self, request: Request, membership: str) -> Response:
        body = self.read(shapes.MembershipDecisionBody)
        return self.ok(services.decide_membership(self.call(), membership=membership, **body))


class DiscussionSettingsApi(ApiView):
    """How discussions work."""

    permission = {"GET": "discussions:read", "PATCH": "discussions:write"}

    @operation("Read the settings of discussions", tag=_TAG, answer=DiscussionSettingsAnswer)
    def get(self, request: Request) -> Response:
        found = settings_answer(selectors.settings_row())
        return self.ok(found, revision=found.revision)

    @operation(
        "Change the settings of discussions",
        tag=_TAG,
        body=shapes.DiscussionSettingsBody,
        example={"looked_at": "before"},
        answer=DiscussionSettingsAnswer,
    )
    def patch(self, request: Request) -> Response:
        revision = self.if_match()
        values = self.read(shapes.DiscussionSettingsBody)
        done = services.change_settings(self.call(), values=values, revision=revision)
        return self.ok(done, revision=done.revision)


def _group(row: Group) -> shapes.GroupView:
    return shapes.present_group(selectors.group_of(row, None))


routes = [
    path("groups/", Groups.as_view()),
    path("groups/<str:group>/", OneGroup.as_view()),
    path("groups/<str:group>/members/", GroupMembers.as_view()),
    path("groups/<str:group>/leave/", LeaveGroup.as_view()),
    path("group-members/<str:membership>/decision/", MembershipDecision.as_view()),
    path("discussions/settings/", DiscussionSettingsApi.as_view()),
]
