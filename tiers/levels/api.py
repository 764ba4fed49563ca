"""Levels over the API. Ladders are written as rules of the kind ``levels.ladder``."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.engine.statuses import status_of
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id
from tiers.levels import selectors, services
from tiers.levels import serializers as shapes
from tiers.levels.results import LevelResult, StandingView, nowhere, standing_view
from tiers.levels.rules.keeping import STATUS
from tiers.levels.selectors.movers import Movers, movers_of

_TAG = "Levels"


class Ladders(ApiView):
    """The ladders in force."""

    permission = "levels:read"

    @operation("List ladders with their levels", tag=_TAG, answer=list[shapes.LadderView])
    def get(self, request: Request) -> Response:
        return self.ok([shapes.present_ladder(one) for one in selectors.ladders_in_force()])


class LevelHolders(ApiView):
    """Who holds which level."""

    permission = "levels:read"

    @operation(
        "List members with a level",
        tag=_TAG,
        answer=shapes.LevelHolderView,
        query=shapes.LevelHoldersQuery,
        is_list=True,
        description="Those whom something has moved; everybody else stands on the first level.",
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.LevelHoldersQuery)
        rows = selectors.holders_of(wanted.get("level", ""))
        return self.page(rows, present=shapes.present_holder)


class ReviewWalks(ApiView):
    """Walks of the review."""

    permission = "levels:read"

    @operation("List reviews of all levels", tag=_TAG, answer=shapes.ReviewWalkView, is_list=True)
    def get(self, request: Request) -> Response:
        return self.page(selectors.review_walks(), present=shapes.present_walk)


class LadderMovers(ApiView):
    """Who moves when a draft is published."""

    permission = "levels:read"

    @operation(
        "Foretell who moves",
        tag=_TAG,
        answer=Movers,
        description=(
            "Of a draft of a ladder: who goes up at once (`rise`), whose level is taken off the ladder "
            "(`lose`), who falls at the next review by the new thresholds alone (`fall`), and who is "
            "saved by them (`saved`), as if nothing more counted until then."
        ),
    )
    def get(self, request: Request, ladder: str) -> Response:
        return self.ok(movers_of(selectors.ladder_of(ladder)))


class MemberLevel(ApiView):
    """The level of a member."""

    permission = "levels:read"

    @operation(
        "Read a member's level",
        tag=_TAG,
        answer=StandingView,
        description=(
            "What they hold, what the next level asks (`next`), what staying asks (`stay`), and when "
            "that is looked at (`review_at`). Where no ladder is live, all of it is empty."
        ),
    )
    def get(self, request: Request, member: str) -> Response:
        row = member_of_id(member)
        found = selectors.outlook_of(row)
        if found is None:
            return self.ok(nowhere(member))
        status, language = status_of(row, STATUS), get_language() or "vi"
        return self.ok(standing_view(found, member=member, status=status, language=language))


class MemberLevelHistory(ApiView):
    """What moved a member."""

    permission = "levels:read"

    @operation(
        "List what moved a member's level", tag=_TAG, answer=shapes.LevelMoveView, is_list=True
    )
    def get(self, request: Request, member: str) -> Response:
        rows = selectors.moves_of(member_of_id(member))
        names = dict(selectors.level_names())
        return self.page(rows, present=lambda row: shapes.present_move(row, names))


class GivenLevel(ApiView):
    """A level given by hand."""

    permission = "levels:write"

    @operation(
        "Give a level by hand",
        tag=_TAG,
        body=shapes.GiveLevelBody,
        example={
            "level": "gold",
            "reason": "Chuyển hạng từ hãng khác",
            "until": "2030-01-01T00:00:00+07:00",
        },
        answer=LevelResult,
        description="A floor until then: what the member earns above it counts all the same.",
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.GiveLevelBody)
        return self.created(services.give_level(self.call(), member=member, **body))


class EndGivenLevel(ApiView):
    """A level given by hand taken back."""

    permission = "levels:write"

    @operation(
        "Take a given level back",
        tag=_TAG,
        body=shapes.EndGivenLevelBody,
        example={"reason": "Nhầm người"},
        answer=LevelResult,
        status=200,
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.EndGivenLevelBody)
        return self.ok(services.end_given_level(self.call(), member=member, **body))


routes = [
    path("levels/", Ladders.as_view()),
    path("levels/<str:ladder>/movers/", LadderMovers.as_view()),
    path("levels/members/", LevelHolders.as_view()),
    path("levels/reviews/", ReviewWalks.as_view()),
    path("members/<str:member>/level/", MemberLevel.as_view()),
    path("members/<str:member>/level/history/", MemberLevelHistory.as_view()),
    path("members/<str:member>/level/given/", GivenLevel.as_view()),
    path("members/<str:member>/level/given/end/", EndGivenLevel.as_view()),
]
