"""Segments over the API: named audiences, counted before and after they are written."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.segments import selectors, services
from campaigns.segments import serializers as shapes
from campaigns.segments.results import Counted, SegmentView, view_of
from loyalty.web.api import ApiView, operation

_TAG = "Segments"
_CONDITIONS = [{"fact": "purchases.count_90d", "op": "gte", "value": 4}]
_NEW = {
    "code": "khach-quen",
    "name": "Khách quen",
    "told_vi": "khách quen",
    "told_en": "regulars",
    "conditions": _CONDITIONS,
}


class Segments(ApiView):
    """All segments."""

    permission = {"GET": "segments:read", "POST": "segments:write"}

    @operation(
        "List segments", tag=_TAG, answer=SegmentView, query=shapes.SegmentQuery, is_list=True
    )
    def get(self, request: Request) -> Response:
        archived = self.query(shapes.SegmentQuery).get("archived") == "true"
        return self.page(selectors.segments(with_archived=archived), present=view_of)

    @operation(
        "Name an audience",
        tag=_TAG,
        body=shapes.NewSegmentBody,
        example=_NEW,
        answer=SegmentView,
        description=(
            "A rule asks for it by `{fact: segment, op: eq, value: <code>}`. A `live` segment is "
            "whoever fits at each activity; a `frozen` one is a list, empty until it is taken "
            "(`refresh`)."
        ),
    )
    def post(self, request: Request) -> Response:
        done = services.create_segment(self.call(), **self.read(shapes.NewSegmentBody))
        location = f"/api/v1/segments/{done.id}/"
        return self.created(done, location=location, revision=done.revision)


class Look(ApiView):
    """Conditions tried on today's members. Nothing is written."""

    permission = "segments:read"

    @operation(
        "Try conditions",
        tag=_TAG,
        body=shapes.LookBody,
        example={"conditions": _CONDITIONS},
        answer=shapes.LookView,
        status=200,
        description=(
            "How many members fit, some of them, and with `segment` who would come in and who would "
            "go if these conditions took the place of its own. `is_exact: false` is worked out from "
            "a part, where only the rules themselves can tell."
        ),
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.LookBody)
        asked = services.checked(body.get("segment", ""), body["conditions"])
        moved, rules = None, []
        if body.get("segment"):
            row = selectors.access_segment(body["segment"])
            moved = selectors.moved_by(row, asked, programme=self.programme)
            rules = shapes.present_rules(
                selectors.rules_asking_for(row.code), selectors.reserved_for(row.code)
            )
        members = selectors.sample(asked, programme=self.programme)
        return self.ok(
            shapes.LookView(
                count=selectors.counted(asked, programme=self.programme),
                sample=shapes.present_members(members, actor=self.actor),
                moved=moved,
                rules=rules,
            )
        )


class OneSegment(ApiView):
    """One segment."""

    permission = {"GET": "segments:read", "PATCH": "segments:write", "DELETE": "segments:write"}

    @operation("Read a segment", tag=_TAG, answer=SegmentView)
    def get(self, request: Request, segment: str) -> Response:
        row = selectors.access_segment(segment)
        return self.ok(view_of(row), revision=row.revision)

    @operation(
        "Change a segment",
        tag=_TAG,
        body=shapes.SegmentBody,
        example={"name": "Khách quen buổi sáng"},
        answer=SegmentView,
        description=(
            "Other conditions are a new version and count at once for every rule that asks for the "
            "segment, for what happens from now on; what happened before is judged by the version of "
            "its day. Try them first (`segments/look/`)."
        ),
    )
    def patch(self, request: Request, segment: str) -> Response:
        changes = self.read(shapes.SegmentBody)
        call, revision = self.call(), self.if_match()
        done = services.edit_segment(call, segment=segment, changes=changes, revision=revision)
        return self.ok(done, revision=done.revision)

    @operation(
        "Put a segment away",
        tag=_TAG,
        description="Refused while a rule that is not over, or another segment, asks for it.",
    )
    def delete(self, request: Request, segment: str) -> Response:
        services.archive_segment(self.call(), segment=segment)
        return self.gone()


class Restore(ApiView):
    """A segment that was put away."""

    permission = "segments:write"

    @operation("Bring a segment back", tag=_TAG, answer=SegmentView, status=200)
    def post(self, request: Request, segment: str) -> Response:
        done = services.restore_segment(self.call(), segment=segment)
        return self.ok(done, revision=done.revision)


class Count(ApiView):
    """How many there are now."""

    permission = "segments:read"

    @operation("Count a segment", tag=_TAG, answer=Counted)
    def get(self, request: Request, segment: str) -> Response:
        row = selectors.access_segment(segment)
        return self.ok(selectors.count_of(row, programme=self.programme))


class Members(ApiView):
    """Who is in a segment."""

    permission = "segments:read"

    @operation(
        "List a segment's members",
        tag=_TAG,
        answer=shapes.SegmentMemberView,
        is_list=True,
        description=(
            "Newest first. Where the database cannot tell at a glance, those on its list; 422 "
            "`list_not_taken` before there is one."
        ),
    )
    def get(self, request: Request, segment: str) -> Response:
        row = selectors.access_segment(segment)
        rows = selectors.members_of(row, programme=self.programme)
        return self.page(
            rows, present=lambda one: shapes.present_members([one], actor=self.actor)[0]
        )


class Refresh(ApiView):
    """Taking a segment's list anew."""

    permission = "segments:write"

    @operation(
        "Take a segment's list",
        tag=_TAG,
        answer=SegmentView,
        status=200,
        description=(
            "The first thousand members are looked at now; of more, `progress` tells how far it is. "
            "Until it is done the list before it stays in force."
        ),
    )
    def post(self, request: Request, segment: str) -> Response:
        done = services.take_list(self.call(), segment=segment)
        return self.ok(done, revision=done.revision)


routes = [
    path("segments/", Segments.as_view()),
    path("segments/look/", Look.as_view()),
    path("segments/<str:segment>/", OneSegment.as_view()),
    path("segments/<str:segment>/restore/", Restore.as_view()),
    path("segments/<str:segment>/count/", Count.as_view()),
    path("segments/<str:segment>/members/", Members.as_view()),
    path("segments/<str:segment>/refresh/", Refresh.as_view()),
]
