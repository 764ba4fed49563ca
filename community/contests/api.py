"""Contests, entries and votes over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from community.contests import selectors, services
from community.contests import serializers as shapes
from community.contests.models import Contest, Entry
from community.contests.services import EntryResult
from loyalty.web.api import ApiView, PictureBody, operation, picture_in

_TAG = "Contests"
_CONTEST = {
    "title_vi": "Ảnh cà phê của bạn",
    "title_en": "Your coffee moment",
    "rules_en": "One photo each. Members vote; of equals the first to enter wins.",
    "opens_at": "2027-03-01T00:00:00+07:00",
    "entries_until": "2027-03-15T00:00:00+07:00",
    "votes_until": "2027-03-22T00:00:00+07:00",
    "judging": "votes",
    "wants_photo": True,
    "votes_per_member": 3,
    "prizes": [{"points": 100}, {"points": 50}],
}
_MEMBER = "mem_01m83t9zbd6gkp1s0jj2rx8n5v"
_ENTRY = "ent_01m83t9zbd6gkp1s0jj2rx8n5v"


class ContestApi(ApiView):
    """What the endpoints about one contest share."""

    permission: ClassVar[str | Mapping[str, str]] = "contests:write"

    def present(self, row: Contest) -> shapes.ContestView:
        """A contest for the API, with the address of its picture."""
        return shapes.present_contest(row, slug=self.programme.slug)

    def answer(self, contest: str, *, created: bool = False) -> Response:
        """The contest after a change."""
        row = selectors.access_contest(contest)
        view = self.present(row)
        if created:
            return self.created(
                view, location=f"/api/v1/contests/{contest}/", revision=row.revision
            )
        return self.ok(view, revision=row.revision)


class Contests(ContestApi):
    """All contests."""

    permission = {"GET": "contests:read", "POST": "contests:write"}

    @operation(
        "List contests, newest first",
        tag=_TAG,
        answer=shapes.ContestView,
        query=shapes.ContestQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        state = self.query(shapes.ContestQuery).get("state", "")
        return self.page(selectors.contests(state=state), present=self.present)

    @operation(
        "Draft a contest",
        tag=_TAG,
        body=shapes.ContestBody,
        example=_CONTEST,
        answer=shapes.ContestView,
    )
    def post(self, request: Request) -> Response:
        values = shapes.input_of_contest(self.read(shapes.ContestBody))
        done = services.create_contest(self.call(), contest=values)
        return self.answer(done.contest, created=True)


class OneContest(ContestApi):
    """One contest."""

    permission = {"GET": "contests:read", "PUT": "contests:write"}

    @operation("Read a contest", tag=_TAG, answer=shapes.ContestView)
    def get(self, request: Request, contest: str) -> Response:
        return self.answer(contest)

    @operation(
        "Write a drafted contest anew",
        tag=_TAG,
        body=shapes.ContestBody,
        example=_CONTEST,
        answer=shapes.ContestView,
        errors=(422,),
        description="Once it is published its rules stand.",
    )
    def put(self, request: Request, contest: str) -> Response:
        values = shapes.input_of_contest(self.read(shapes.ContestBody))
        call, revision = self.call(), self.if_match()
        services.edit_contest(call, contest=contest, values=values, revision=revision)
        return self.answer(contest)


class ContestPicture(ContestApi):
    """The picture members see beside it."""

    @operation(
        "Give a contest a picture, or take it away",
        tag=_TAG,
        body=PictureBody,
        example={"picture": None},
        answer=shapes.ContestView,
        status=200,
    )
    def post(self, request: Request, contest: str) -> Response:
        selectors.access_contest(contest)
        picture = picture_in(self.read(PictureBody))
        services.set_picture(self.call(), contest=contest, picture=picture)
        return self.answer(contest)


class PublishContest(ContestApi):
    """Opening a contest."""

    @operation(
        "Publish a contest",
        tag=_TAG,
        answer=shapes.ContestView,
        status=200,
        errors=(422,),
        description="From now on its rules stand.",
    )
    def post(self, request: Request, contest: str) -> Response:
        services.publish_contest(self.call(), contest=contest)
        return self.answer(contest)


class CancelContest(ContestApi):
    """Calling a contest off."""

    @operation(
        "Cancel a contest",
        tag=_TAG,
        body=shapes.CancelContestBody,
        example={"reason": "Too few entries"},
        answer=shapes.ContestView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, contest: str) -> Response:
        body = self.read(shapes.CancelContestBody)
        services.cancel_contest(self.call(), contest=contest, **body)
        return self.answer(contest)


class DecideContest(ContestApi):
    """Who won."""

    @operation(
        "Decide a contest",
        tag=_TAG,
        body=shapes.DecideBody,
        example={"picks": [_ENTRY]},
        answer=shapes.ContestView,
        status=200,
        errors=(422,),
        description="Winners get their prizes at once. Where members vote, send no picks.",
    )
    def post(self, request: Request, contest: str) -> Response:
        picks = tuple(self.read(shapes.DecideBody).get("picks", ()))
        services.decide_contest(self.call(), contest=contest, picks=picks)
        return self.answer(contest)


class Entries(ApiView):
    """What was entered."""

    permission = {"GET": "contests:read", "POST": "contests:write"}

    @operation(
        "List entries, newest first",
        tag=_TAG,
        answer=shapes.EntryView,
        query=shapes.EntryQuery,
        is_list=True,
    )
    def get(self, request: Request, contest: str) -> Response:
        row = selectors.access_contest(contest)
        state = self.query(shapes.EntryQuery).get("state", "")
        return self.page(selectors.entries_of(row, state=state), present=self._present)

    def _present(self, row: Entry) -> shapes.EntryView:
        photo = selectors.photos([row]).get(row.public_id)
        return shapes.present_entry(row, photo=photo, slug=self.programme.slug)

    @operation(
        "Enter for a member",
        tag=_TAG,
        body=shapes.EntryBody,
        example={"member": _MEMBER, "text": "A haiku about the first cup"},
        answer=EntryResult,
        errors=(422,),
        description="It is shown once staff has looked at it.",
    )
    def post(self, request: Request, contest: str) -> Response:
        body = shapes.kept(self.read(shapes.EntryBody))
        return self.created(services.enter_contest(self.call(), contest=contest, **body))


class JudgeEntry(ApiView):
    """Looking at an entry."""

    permission = "contests:write"

    @operation(
        "Show an entry, or do not accept it",
        tag=_TAG,
        body=shapes.JudgeBody,
        example={"show": True},
        answer=EntryResult,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, entry: str) -> Response:
        body = self.read(shapes.JudgeBody)
        return self.ok(services.judge_entry(self.call(), entry=entry, **body))


class VoteForEntry(ApiView):
    """A member's vote."""

    permission = "contests:write"

    @operation(
        "Vote for an entry",
        tag=_TAG,
        body=shapes.BallotBody,
        example={"member": _MEMBER},
        answer=EntryResult,
        errors=(409, 422),
    )
    def post(self, request: Request, entry: str) -> Response:
        member = self.read(shapes.BallotBody)["member"]
        return self.created(services.vote(self.call(), member=member, entry=entry))


class TakeVoteBack(ApiView):
    """A vote for another entry."""

    permission = "contests:write"

    @operation(
        "Take a vote back",
        tag=_TAG,
        body=shapes.BallotBody,
        example={"member": _MEMBER},
        answer=EntryResult,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, entry: str) -> Response:
        member = self.read(shapes.BallotBody)["member"]
        return self.ok(services.take_vote_back(self.call(), member=member, entry=entry))


routes = [
    path("contests/", Contests.as_view()),
    path("contests/entries/<str:entry>/judge/", JudgeEntry.as_view()),
    path("contests/entries/<str:entry>/vote/", VoteForEntry.as_view()),
    path("contests/entries/<str:entry>/take-vote-back/", TakeVoteBack.as_view()),
    path("contests/<str:contest>/", OneContest.as_view()),
    path("contests/<str:contest>/picture/", ContestPicture.as_view()),
    path("contests/<str:contest>/publish/", PublishContest.as_view()),
    path("contests/<str:contest>/cancel/", CancelContest.as_view()),
    path("contests/<str:contest>/decide/", DecideContest.as_view()),
    path("contests/<str:contest>/entries/", Entries.as_view()),
]
