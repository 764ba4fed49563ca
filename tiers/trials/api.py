"""Trials over the API. They are written as rules of the kind ``trials.trial``."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id
from tiers.trials import selectors, services
from tiers.trials import serializers as shapes
from tiers.trials.quotes import trial_offers
from tiers.trials.results import TakingView, view_of

_TAG = "Trials"
_WHO = {"member": "mem_01m83t9zbd6gkp1s0jj2rx8n5v", "trial": "cold-brew"}


class Trials(ApiView):
    """All published trials."""

    permission = "trials:read"

    @operation(
        "List trials with what came of them",
        tag=_TAG,
        answer=list[shapes.TrialView],
        description=(
            "`results` counts over all versions: `bought` are purchases won by it that still stand, "
            "`stars_tenths` the average (47 is 4.7), `left` what is left of its stock."
        ),
    )
    def get(self, request: Request) -> Response:
        return self.ok([shapes.present_trial(row) for row in selectors.shown_trials()])


class OneTrial(ApiView):
    """One trial."""

    permission = "trials:read"

    @operation("Read a trial", tag=_TAG, answer=shapes.TrialView)
    def get(self, request: Request, trial: str) -> Response:
        row = selectors.trial_of(trial)
        return self.ok(shapes.present_trial(row))


class MemberOffers(ApiView):
    """What one member can have."""

    permission = "trials:read"

    @operation("List the trials a member can take now", tag=_TAG, answer=list[shapes.OfferView])
    def get(self, request: Request, member: str) -> Response:
        offers = trial_offers(member_of_id(member), programme=self.programme)
        return self.ok(
            [
                shapes.OfferView(
                    trial=one.trial.public_id,
                    code=one.trial.code,
                    name=one.trial.name,
                    told=one.trial.told,
                    what=str(one.trial.what),
                    is_invited=one.is_offered,
                )
                for one in offers
            ]
        )


class Takings(ApiView):
    """Who was invited, who took one."""

    permission = {"GET": "trials:read", "POST": "trials:write"}

    @operation(
        "List who took trials",
        tag=_TAG,
        answer=TakingView,
        query=shapes.TakingQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.TakingQuery)
        rows = selectors.takings(
            families=[selectors.trial_of(wanted["trial"]).family] if "trial" in wanted else (),
            states=[wanted["state"]] if "state" in wanted else (),
        )
        if "member" in wanted:
            rows = rows.filter(member__public_id=wanted["member"])
        return self.page(rows, present=view_of)

    @operation(
        "Take a trial for a member",
        tag=_TAG,
        body=shapes.TakeBody,
        example=_WHO,
        answer=TakingView,
        description=(
            "Sets one aside (`accepted`) until it is collected; with `hand_over` it is `given` at "
            "once, and a plan begins at once. One for each person: 409 `trial_taken` also for a "
            "second card, phone or mailbox of theirs; 422 `out_of_stock` when the last one is gone."
        ),
    )
    def post(self, request: Request) -> Response:
        return _made(self, services.take_trial(self.call(), **self.read(shapes.TakeBody)))


class Invitations(ApiView):
    """Members chosen by hand."""

    permission = "trials:write"

    @operation(
        "Invite a member to a trial",
        tag=_TAG,
        body=shapes.OfferBody,
        example=_WHO,
        answer=TakingView,
        description="It is for them whatever its audience says; nothing is set aside yet.",
    )
    def post(self, request: Request) -> Response:
        return _made(self, services.offer_trial(self.call(), **self.read(shapes.OfferBody)))


class OneTaking(ApiView):
    """One trial and one member."""

    permission = "trials:read"

    @operation("Read who took a trial", tag=_TAG, answer=TakingView)
    def get(self, request: Request, taking: str) -> Response:
        row = selectors.access_taking(taking)
        return self.ok(view_of(row), revision=row.revision)


class HandOver(ApiView):
    """What was set aside is handed over."""

    permission = "trials:write"

    @operation("Hand a trial over", tag=_TAG, answer=TakingView, status=200)
    def post(self, request: Request, taking: str) -> Response:
        return self.ok(services.hand_over_trial(self.call(), taking=taking))


class Return(ApiView):
    """It goes back."""

    permission = "trials:write"

    @operation(
        "Take a trial back",
        tag=_TAG,
        body=shapes.ReturnBody,
        example={"reason": "Nhầm khách"},
        answer=TakingView,
        status=200,
        description="There is one more again, and they may take it again. A plan ends with it.",
    )
    def post(self, request: Request, taking: str) -> Response:
        body = self.read(shapes.ReturnBody)
        return self.ok(services.return_trial(self.call(), taking=taking, **body))


class Feedback(ApiView):
    """What they think of it."""

    permission = "trials:write"

    @operation(
        "Keep a member's feedback",
        tag=_TAG,
        body=shapes.FeedbackBody,
        example={"stars": 5, "comment": "Thơm, không gắt"},
        answer=TakingView,
        status=200,
        description="From 1 to 5 stars; the last word counts.",
    )
    def post(self, request: Request, taking: str) -> Response:
        body = self.read(shapes.FeedbackBody)
        return self.ok(services.give_feedback(self.call(), taking=taking, **body))


def _made(view: ApiView, done: TakingView) -> Response:
    location = f"/api/v1/trial-takings/{done.id}/"
    return view.created(done, location=location, revision=done.revision)


routes = [
    path("trials/", Trials.as_view()),
    path("trials/<str:trial>/", OneTrial.as_view()),
    path("members/<str:member>/trials/", MemberOffers.as_view()),
    path("trial-takings/", Takings.as_view()),
    path("trial-takings/invitations/", Invitations.as_view()),
    path("trial-takings/<str:taking>/", OneTaking.as_view()),
    path("trial-takings/<str:taking>/hand-over/", HandOver.as_view()),
    path("trial-takings/<str:taking>/return/", Return.as_view()),
    path("trial-takings/<str:taking>/feedback/", Feedback.as_view()),
]
