"""Rules of every kind over the API, and activities other than sales."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.engine import serializers as shapes
from loyalty.engine.publishing import (
    RuleView,
    create_rule,
    discard_draft,
    edit_rule,
    end_rule,
    noted_view,
    pause_rule,
    publish_rule,
    resume_rule,
    rule_view,
)
from loyalty.engine.results import ActivityResult, ActivityTakenBack
from loyalty.engine.selectors import get_rule, rule_kinds, rules
from loyalty.engine.services import (
    correct_activity,
    record_activity,
    refuse_own_activities,
)
from loyalty.web.api import ApiView, faults_inside, operation

_TAG = "Rules"
_BESIDE_VALUES = frozenset({"kind", "rule", "revision", "idempotency_key"})


def _inside(values: Mapping[str, Any]) -> AbstractContextManager[None]:
    return faults_inside("values", apart=_BESIDE_VALUES - set(values))


class Kinds(ApiView):
    """Which kinds of rules there are."""

    permission = "rules:read"

    @operation("List the kinds of rules", tag=_TAG, answer=list[shapes.KindView])
    def get(self, request: Request) -> Response:
        return self.ok([shapes.present_kind(kind) for kind in rule_kinds().values()])


class Rules(ApiView):
    """The rules of the programme, of all kinds."""

    permission = {"GET": "rules:read", "POST": "rules:write"}

    @operation(
        "List rules, newest first",
        tag=_TAG,
        answer=RuleView,
        query=shapes.RuleQuery,
        is_list=True,
        description="All of them on one page. Versions that were replaced are left out.",
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.RuleQuery)
        found = rules(
            kinds=[wanted["kind"]] if "kind" in wanted else (),
            states=[wanted["state"]] if "state" in wanted else (),
        )
        return self.whole([rule_view(row) for row in found])

    @operation(
        "Write a draft",
        tag=_TAG,
        body=shapes.DraftBody,
        example=shapes.DRAFT,
        answer=RuleView,
        description="Nothing happens by a draft. `values` are named by the kind (see the kinds).",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.DraftBody)
        with _inside(body["values"]):
            done = create_rule(self.call(), kind=body["kind"], values=body["values"])
        location = f"/api/v1/rules/{done.rule}/"
        return self.created(done, location=location, revision=done.revision)


class OneRule(ApiView):
    """One version of a rule."""

    permission = {"GET": "rules:read", "PATCH": "rules:write", "DELETE": "rules:write"}

    @operation("Read a rule", tag=_TAG, answer=RuleView)
    def get(self, request: Request, rule: str) -> Response:
        row = get_rule(rule)
        return self.ok(noted_view(row), revision=row.revision)

    @operation(
        "Change a rule",
        tag=_TAG,
        body=shapes.ValuesBody,
        example={"values": {"name": "Điểm thưởng cuối tuần"}},
        answer=RuleView,
        description=(
            "A draft is changed in place. A published rule is never changed: the answer is a new "
            "draft (another id) that will replace it when it is published."
        ),
    )
    def patch(self, request: Request, rule: str) -> Response:
        body = self.read(shapes.ValuesBody)
        call, revision = self.call(), self.if_match()
        with _inside(body["values"]):
            done = edit_rule(call, rule=rule, values=body["values"], revision=revision)
        return self.ok(done, revision=done.revision)

    @operation("Throw a draft away", tag=_TAG)
    def delete(self, request: Request, rule: str) -> Response:
        discard_draft(self.call(), rule=rule)
        return self.gone()


class PublishRule(ApiView):
    """A draft goes live."""

    permission = "rules:write"

    @operation(
        "Publish a draft",
        tag=_TAG,
        body=shapes.PublishBody,
        example={},
        answer=RuleView,
        status=200,
        description="What it replaces ends at that instant. A pilot is for its group alone.",
    )
    def post(self, request: Request, rule: str) -> Response:
        body = self.read(shapes.PublishBody)
        done = publish_rule(
            self.call(), rule=rule, revision=body.get("revision"), pilot=body.get("pilot", False)
        )
        return self.ok(done, revision=done.revision)


class _Move(ApiView):
    permission = "rules:write"
    command: Any

    def move(self, rule: str) -> Response:
        done = self.command(self.call(), rule=rule)
        return self.ok(done, revision=done.revision)


class PauseRule(_Move):
    """A live rule rests."""

    command = pause_rule

    @operation("Pause a rule", tag=_TAG, answer=RuleView, status=200)
    def post(self, request: Request, rule: str) -> Response:
        return self.move(rule)


class ResumeRule(_Move):
    """A paused rule goes on."""

    command = resume_rule

    @operation("Resume a rule", tag=_TAG, answer=RuleView, status=200)
    def post(self, request: Request, rule: str) -> Response:
        return self.move(rule)


class EndRule(_Move):
    """A rule ends for good."""

    command = end_rule

    @operation("End a rule", tag=_TAG, answer=RuleView, status=200)
    def post(self, request: Request, rule: str) -> Response:
        return self.move(rule)


class Activities(ApiView):
    """What members do, other than buying."""

    permission = "activities:write"

    @operation(
        "Record an activity",
        tag="Activities",
        body=shapes.ActivityBody,
        example=shapes.VISIT,
        answer=ActivityResult,
        description=(
            "A visit, a check-in, a review … `type` and `key` say what it is: the same again "
            "answers the first one with `duplicate: true`, and counts once; with other data it is 409. "
            "What the programme "
            "records by itself (`member.*`, a birthday, stamps by hand) is refused."
        ),
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.ActivityBody)
        refuse_own_activities(body["type"])
        return self.created(record_activity(self.call(), **body))


class TakeBack(ApiView):
    """An activity told by mistake."""

    permission = "activities:write"

    @operation(
        "Take an activity back",
        tag="Activities",
        body=shapes.ActivityTakeBackBody,
        example={"reason": "Kilometres sent as metres"},
        answer=ActivityTakenBack,
        status=200,
        errors=(422,),
        description=(
            "All it gave falls by the rules of that day. Its key stays used: send the right one "
            "under a new key."
        ),
    )
    def post(self, request: Request, activity: str) -> Response:
        body = self.read(shapes.ActivityTakeBackBody)
        return self.ok(correct_activity(self.call(), activity=activity, **body))


routes = [
    path("rules/kinds/", Kinds.as_view()),
    path("rules/", Rules.as_view()),
    path("rules/<str:rule>/", OneRule.as_view()),
    path("rules/<str:rule>/publish/", PublishRule.as_view()),
    path("rules/<str:rule>/pause/", PauseRule.as_view()),
    path("rules/<str:rule>/resume/", ResumeRule.as_view()),
    path("rules/<str:rule>/end/", EndRule.as_view()),
    path("activities/", Activities.as_view()),
    path("activities/<str:activity>/take-back/", TakeBack.as_view()),
]
