"""The e-mail club and newsletters over the API."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from members.messaging import selectors, services
from members.messaging import serializers as shapes
from members.messaging.results import (
    ClubView,
    NewsletterView,
    Stopped,
    club_view,
    newsletter_view,
)
from members.messaging.rules import TOPIC_NAMES
from members.messaging.selectors import ClubFigures, LetterFigures
from members.profiles.selectors import member_of_id

_TAG = "E-mail club"


class MemberClub(ApiView):
    """One member and the club."""

    permission = {"GET": "messaging:read", "POST": "messaging:write"}

    @operation("Read where a member stands with the e-mail club", tag=_TAG, answer=ClubView)
    def get(self, request: Request, member: str) -> Response:
        row = member_of_id(member)
        return self.ok(club_view(row.public_id, selectors.subscription_of(row)))

    @operation(
        "Ask a member to confirm the e-mail club",
        tag=_TAG,
        body=shapes.ClubAskBody,
        example={"topics": ["news", "offers"], "where": "newsletter box"},
        answer=ClubView,
        errors=(422,),
        description="Sends a letter with a link; nobody is in the club before they pressed its button.",
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.ClubAskBody)
        topics, where = body.get("topics", TOPIC_NAMES), body.get("where", "") or "api"
        return self.created(services.ask(self.call(), member=member, topics=topics, source=where))


class MemberTopics(ApiView):
    """What a member is written to about."""

    permission = "messaging:write"

    @operation(
        "Choose what a member is written to about",
        tag=_TAG,
        body=shapes.ClubTopicsBody,
        example={"topics": ["news"]},
        answer=ClubView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, member: str) -> Response:
        topics = self.read(shapes.ClubTopicsBody)["topics"]
        return self.ok(
            services.choose_topics(self.call(), member=member, topics=topics, source="api")
        )


class MemberLeaves(ApiView):
    """Out of the club."""

    permission = "messaging:write"

    @operation("Take a member out of the e-mail club", tag=_TAG, answer=ClubView, status=200)
    def post(self, request: Request, member: str) -> Response:
        return self.ok(services.leave(self.call(), member=member, source="api"))


class Confirmations(ApiView):
    """The button of the confirmation link."""

    permission = "messaging:write"

    @operation(
        "Confirm with the token of a letter",
        tag=_TAG,
        body=shapes.ClubConfirmBody,
        example={"token": "gAAAAABl…"},
        answer=ClubView,
        errors=(422,),
        description="For a page of your own. An address nobody had gets a card. Once and again alike.",
    )
    def post(self, request: Request) -> Response:
        token = self.read(shapes.ClubConfirmBody)["token"]
        return self.created(services.confirm(programme=self.programme, token=token))


class StoppedAddresses(ApiView):
    """Bounces and complaints."""

    permission = "messaging:write"

    @operation(
        "Report a letter that came back or was called spam",
        tag=_TAG,
        body=shapes.StopAddressBody,
        example={"address": "hoa@example.com", "kind": "bounce"},
        answer=Stopped,
    )
    def post(self, request: Request) -> Response:
        return self.created(services.stop_address(self.call(), **self.read(shapes.StopAddressBody)))


class TheClub(ApiView):
    """The club as a whole."""

    permission = "messaging:read"

    @operation("Read how many are in the e-mail club", tag=_TAG, answer=ClubFigures)
    def get(self, request: Request) -> Response:
        return self.ok(selectors.club_figures())


class Newsletters(ApiView):
    """All newsletters."""

    permission = {"GET": "messaging:read", "POST": "messaging:write"}

    @operation("List newsletters, newest first", tag=_TAG, answer=NewsletterView, is_list=True)
    def get(self, request: Request) -> Response:
        return self.page(selectors.newsletters(), present=newsletter_view)

    @operation(
        "Write a newsletter",
        tag=_TAG,
        body=shapes.NewsletterBody,
        example={
            "topic": "offers",
            "subject_vi": "Cà phê trứng trở lại",
            "subject_en": "Egg coffee is back",
            "body_vi": "Chào {name},\n\nMời bạn ghé thử.",
            "body_en": "Hello {name},\n\nCome and try.",
            "audience": [],
        },
        answer=NewsletterView,
    )
    def post(self, request: Request) -> Response:
        values = self.read(shapes.NewsletterBody)
        return self.created(services.write_newsletter(self.call(), values=values))


class OneNewsletter(ApiView):
    """One newsletter."""

    permission = "messaging:read"

    @operation("Read a newsletter", tag=_TAG, answer=NewsletterView)
    def get(self, request: Request, newsletter: str) -> Response:
        return self.ok(newsletter_view(selectors.access_newsletter(newsletter)))


class NewsletterFigures(ApiView):
    """What became of it."""

    permission = "messaging:read"

    @operation("Read what became of a newsletter", tag=_TAG, answer=LetterFigures)
    def get(self, request: Request, newsletter: str) -> Response:
        return self.ok(selectors.letter_figures(selectors.access_newsletter(newsletter)))


class SendNewsletter(ApiView):
    """Send it."""

    permission = "messaging:write"

    @operation(
        "Send a newsletter",
        tag=_TAG,
        answer=NewsletterView,
        status=200,
        errors=(422,),
        description="Once. The worker sends it in batches; each member gets it once at most.",
    )
    def post(self, request: Request, newsletter: str) -> Response:
        return self.ok(services.send_newsletter(self.call(), newsletter=newsletter))


class StopNewsletter(ApiView):
    """Send no more of it."""

    permission = "messaging:write"

    @operation(
        "Stop a newsletter on its way", tag=_TAG, answer=NewsletterView, status=200, errors=(422,)
    )
    def post(self, request: Request, newsletter: str) -> Response:
        return self.ok(services.stop_newsletter(self.call(), newsletter=newsletter))


routes = [
    path("club/", TheClub.as_view()),
    path("club/confirmations/", Confirmations.as_view()),
    path("club/stopped-addresses/", StoppedAddresses.as_view()),
    path("members/<str:member>/club/", MemberClub.as_view()),
    path("members/<str:member>/club/topics/", MemberTopics.as_view()),
    path("members/<str:member>/club/leave/", MemberLeaves.as_view()),
    path("newsletters/", Newsletters.as_view()),
    path("newsletters/<str:newsletter>/", OneNewsletter.as_view()),
    path("newsletters/<str:newsletter>/figures/", NewsletterFigures.as_view()),
    path("newsletters/<str:newsletter>/send/", SendNewsletter.as_view()),
    path("newsletters/<str:newsletter>/stop/", StopNewsletter.as_view()),
]
