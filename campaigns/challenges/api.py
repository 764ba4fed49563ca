"""Challenges over the API. Missions and streaks are written as rules of ``challenges.*``."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.challenges import selectors, services
from campaigns.challenges import serializers as shapes
from campaigns.challenges.models import Badge
from campaigns.challenges.selectors import Place
from campaigns.challenges.services import BadgeView, CheckedIn, FreezesGiven, badge_view
from loyalty.engine.shown import Shown, show_name
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id

_TAG = "Challenges"


class CheckIns(ApiView):
    """Check-ins."""

    permission = "challenges:write"

    @operation(
        "Check a member in",
        tag=_TAG,
        body=shapes.CheckInBody,
        example={"member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"},
        answer=CheckedIn,
        errors=(422,),
        description="Once for each local day of the member: a second one gives nothing.",
    )
    def post(self, request: Request) -> Response:
        return self.created(services.check_in(self.call(), **self.read(shapes.CheckInBody)))


class Badges(ApiView):
    """The badges there are."""

    permission = {"GET": "challenges:read", "POST": "challenges:write"}

    @operation("List badges", tag=_TAG, answer=BadgeView, is_list=True)
    def get(self, request: Request) -> Response:
        return self.page(Badge.objects.all(), present=badge_view)

    @operation(
        "Make a badge",
        tag=_TAG,
        body=shapes.BadgeBody,
        example={"name_vi": "5 km đầu tiên", "name_en": "First 5k", "shape": "mountain"},
        answer=BadgeView,
    )
    def post(self, request: Request) -> Response:
        return self.created(services.create_badge(self.call(), **self.read(shapes.BadgeBody)))


class OneBadge(ApiView):
    """One badge."""

    permission = {"GET": "challenges:read", "PATCH": "challenges:write"}

    @operation("Read a badge", tag=_TAG, answer=BadgeView)
    def get(self, request: Request, badge: str) -> Response:
        row = selectors.access_badge(badge)
        return self.ok(badge_view(row), revision=row.revision)

    @operation(
        "Change a badge",
        tag=_TAG,
        body=shapes.BadgeChangeBody,
        example={"colour": "#047857"},
        answer=BadgeView,
    )
    def patch(self, request: Request, badge: str) -> Response:
        row = selectors.access_badge(badge)
        changes = self.read(shapes.BadgeChangeBody)
        call, revision = self.call(), self.if_match()
        done = services.change_badge(call, badge=row.public_id, revision=revision, **changes)
        return self.ok(done, revision=done.revision)


class Freezes(ApiView):
    """Freezes for a member."""

    permission = "challenges:write"

    @operation(
        "Give a member freezes of a streak",
        tag=_TAG,
        body=shapes.FreezesBody,
        example={"streak": "rul_01m83t9zbd6gkp1s0jj2rx8n5v", "freezes": 1, "reason": "Goodwill"},
        answer=FreezesGiven,
        status=200,
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.FreezesBody)
        return self.ok(services.give_freezes(self.call(), member=member, **body))


class MemberMissions(ApiView):
    """The missions before one member."""

    permission = "challenges:read"

    @operation("Read a member's missions", tag=_TAG, answer=list[shapes.MissionProgressView])
    def get(self, request: Request, member: str) -> Response:
        found = selectors.mission_progress(member_of_id(member))
        return self.ok([shapes.present_mission(one) for one in found])


class MemberStreaks(ApiView):
    """The streaks of one member."""

    permission = "challenges:read"

    @operation("Read a member's streaks", tag=_TAG, answer=list[shapes.StreakProgressView])
    def get(self, request: Request, member: str) -> Response:
        found = selectors.streak_progress(member_of_id(member))
        return self.ok([shapes.present_streak(one) for one in found])


class MemberBadges(ApiView):
    """The badges of one member."""

    permission = "challenges:read"

    @operation("Read a member's badges", tag=_TAG, answer=list[shapes.HeldBadgeView])
    def get(self, request: Request, member: str) -> Response:
        found = selectors.badges_of(member_of_id(member))
        return self.ok([shapes.present_held(one) for one in found])


class ShownName(ApiView):
    """The name a member shows."""

    permission = "challenges:write"

    @operation(
        "Choose the name other members see",
        tag=_TAG,
        body=shapes.ShownNameBody,
        example={"name": "Ana"},
        answer=Shown,
        status=200,
    )
    def post(self, request: Request, member: str) -> Response:
        name = self.read(shapes.ShownNameBody).get("name", "")
        return self.ok(show_name(self.call(), member=member, name=name))


class Board(ApiView):
    """The leaderboard of a mission."""

    permission = "challenges:read"

    @operation("Read a leaderboard", tag=_TAG, answer=list[Place], query=shapes.BoardQuery)
    def get(self, request: Request, mission: str) -> Response:
        return self.ok(selectors.leaderboard(mission, **self.query(shapes.BoardQuery)))


routes = [
    path("check-ins/", CheckIns.as_view()),
    path("badges/", Badges.as_view()),
    path("badges/<str:badge>/", OneBadge.as_view()),
    path("members/<str:member>/freezes/", Freezes.as_view()),
    path("missions/<str:mission>/leaderboard/", Board.as_view()),
    path("members/<str:member>/missions/", MemberMissions.as_view()),
    path("members/<str:member>/streaks/", MemberStreaks.as_view()),
    path("members/<str:member>/badges/", MemberBadges.as_view()),
    path("members/<str:member>/shown-name/", ShownName.as_view()),
]
