"""Moderation over the API: reports, cases and their decision, blocks, photos, settings."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from members.moderation import selectors, services
from members.moderation import serializers as shapes
from members.moderation.models import Case
from members.moderation.services import Blocked, Decided, ModerationSettingsAnswer, Reported
from members.moderation.services.photos import RemovedPhoto
from members.moderation.services.settings import answer as settings_answer
from members.profiles.selectors import member_of_id

_TAG = "Moderation"
_OTHER = {"other": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"}


class Reports(ApiView):
    """What members report."""

    permission = "moderation:write"

    @operation(
        "Report something for a member",
        tag=_TAG,
        body=shapes.ReportBody,
        example={
            "member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6",
            "kind": "review",
            "subject": "rev_01jd3kq6w3v8n0c5r7t9y2b4e6",
            "reason": "spam",
        },
        answer=Reported,
        errors=(409, 422),
    )
    def post(self, request: Request) -> Response:
        return self.created(services.report_thing(self.call(), **self.read(shapes.ReportBody)))


class Cases(ApiView):
    """The queue."""

    permission = "moderation:read"

    @operation("List cases", tag=_TAG, answer=shapes.CaseView, query=shapes.CaseQuery, is_list=True)
    def get(self, request: Request) -> Response:
        rows = selectors.cases(**self.query(shapes.CaseQuery))
        return self.page(rows, present=_present)


class OneCase(ApiView):
    """A case."""

    permission = "moderation:read"

    @operation("Read a case", tag=_TAG, answer=shapes.CaseView)
    def get(self, request: Request, case: str) -> Response:
        return self.ok(_present(selectors.access_case(case)))


class CaseDecision(ApiView):
    """What staff decide."""

    permission = "moderation:write"

    @operation(
        "Decide a case",
        tag=_TAG,
        body=shapes.CaseDecisionBody,
        example={"verdict": "keep"},
        answer=Decided,
        status=200,
        description="`keep` shows it, `hold` hides it and leaves the case open, `remove` removes it.",
    )
    def post(self, request: Request, case: str) -> Response:
        body = self.read(shapes.CaseDecisionBody)
        return self.ok(services.decide(self.call(), case=case, **body))


class RemovePhoto(ApiView):
    """A photo taken away."""

    permission = "moderation:write"

    @operation("Remove a photo", tag=_TAG, answer=RemovedPhoto, status=200)
    def post(self, request: Request, photo: str) -> Response:
        return self.ok(services.remove_photo(self.call(), photo=photo))


class Blocks(ApiView):
    """Whom a member does not read."""

    permission = {"GET": "moderation:read", "POST": "moderation:write"}

    @operation("List whom a member blocked", tag=_TAG, answer=list[shapes.BlockView])
    def get(self, request: Request, member: str) -> Response:
        found = selectors.blocks_of(member_of_id(member))
        return self.ok([shapes.present_block(row) for row in found])

    @operation(
        "Block another member", tag=_TAG, body=shapes.BlockBody, example=_OTHER, answer=Blocked
    )
    def post(self, request: Request, member: str) -> Response:
        other = self.read(shapes.BlockBody)["other"]
        return self.created(services.block_member(self.call(), member=member, other=other))


class OneBlock(ApiView):
    """Somebody who is read again."""

    permission = "moderation:write"

    @operation("Unblock another member", tag=_TAG)
    def delete(self, request: Request, member: str, other: str) -> Response:
        services.unblock_member(self.call(), member=member, other=other)
        return self.gone()


class ModerationSettingsApi(ApiView):
    """What holds for everything members write."""

    permission = {"GET": "moderation:read", "PATCH": "moderation:write"}

    @operation("Read the settings of moderation", tag=_TAG, answer=ModerationSettingsAnswer)
    def get(self, request: Request) -> Response:
        found = settings_answer(selectors.settings_row())
        return self.ok(found, revision=found.revision)

    @operation(
        "Change the settings of moderation",
        tag=_TAG,
        body=shapes.ModerationSettingsBody,
        example={"links": "refuse", "per_hour": 20},
        answer=ModerationSettingsAnswer,
    )
    def patch(self, request: Request) -> Response:
        revision = self.if_match()
        values = self.read(shapes.ModerationSettingsBody)
        done = services.change_settings(self.call(), values=values, revision=revision)
        return self.ok(done, revision=done.revision)


def _present(row: Case) -> shapes.CaseView:
    (one,) = selectors.queued([row])
    return shapes.present_case(one)


routes = [
    path("moderation/reports/", Reports.as_view()),
    path("moderation/cases/", Cases.as_view()),
    path("moderation/settings/", ModerationSettingsApi.as_view()),
    path("moderation/cases/<str:case>/", OneCase.as_view()),
    path("moderation/cases/<str:case>/decision/", CaseDecision.as_view()),
    path("moderation/photos/<str:photo>/remove/", RemovePhoto.as_view()),
    path("members/<str:member>/blocks/", Blocks.as_view()),
    path("members/<str:member>/blocks/<str:other>/", OneBlock.as_view()),
]
