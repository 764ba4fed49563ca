"""Punch cards over the API. They are written as rules of the kind ``punchcards.punch_card``."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id
from rewards.punchcards import selectors, services
from rewards.punchcards import serializers as shapes
from rewards.punchcards.services import StampsResult

_TAG = "Punch cards"


class PunchCards(ApiView):
    """All cards."""

    permission = "punchcards:read"

    @operation("List punch cards, newest first", tag=_TAG, answer=shapes.CardView, is_list=True)
    def get(self, request: Request) -> Response:
        return self.page(selectors.cards(), present=shapes.present_card)


class OneCard(ApiView):
    """One card."""

    permission = "punchcards:read"

    @operation("Read a punch card", tag=_TAG, answer=shapes.CardView)
    def get(self, request: Request, punchcard: str) -> Response:
        row = selectors.access_card(punchcard)
        return self.ok(shapes.present_card(row), revision=row.revision)


class Stamps(ApiView):
    """Stamps given at the counter."""

    permission = "punchcards:write"

    @operation(
        "Give stamps without a sale",
        tag=_TAG,
        body=shapes.StampBody,
        example={"member": "mem_01jd3kq6", "stamps": 1},
        answer=StampsResult,
        errors=(422,),
    )
    def post(self, request: Request, punchcard: str) -> Response:
        body = self.read(shapes.StampBody)
        return self.created(services.give_stamps(self.call(), card=punchcard, **body))


class TakeBack(ApiView):
    """Undoing stamps given at the counter."""

    permission = "punchcards:write"

    @operation(
        "Take given stamps back",
        tag=_TAG,
        answer=StampsResult,
        status=200,
        errors=(422,),
        description="By the `given` id of the answer; an unused reward they filled is void again.",
    )
    def post(self, request: Request, activity: str) -> Response:
        return self.ok(services.take_stamps_back(self.call(), given=activity))


class MemberCards(ApiView):
    """The cards before one member."""

    permission = "punchcards:read"

    @operation("Read a member's punch cards", tag=_TAG, answer=list[shapes.ProgressView])
    def get(self, request: Request, member: str) -> Response:
        found = selectors.card_progress(member_of_id(member))
        return self.ok([shapes.present_progress(one) for one in found])


routes = [
    path("punchcards/", PunchCards.as_view()),
    path("punchcards/<str:punchcard>/", OneCard.as_view()),
    path("punchcards/<str:punchcard>/stamps/", Stamps.as_view()),
    path("stamps/<str:activity>/take-back/", TakeBack.as_view()),
    path("members/<str:member>/punchcards/", MemberCards.as_view()),
]
