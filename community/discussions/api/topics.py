"""Topics, ideas, replies and votes over the API."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from community.discussions import selectors, services
from community.discussions import serializers as shapes
from community.discussions.models import Reply, Topic
from community.discussions.services import (
    VoteAnswer,
    WrittenAnswer,
)
from loyalty.common.errors import Invalid
from loyalty.tenancy.scope import current_programme
from loyalty.web.api import ApiView, operation

_TAG = "Discussions"
_READ_WRITE = {"GET": "discussions:read", "POST": "discussions:write"}


class Topics(ApiView):
    """Topics and ideas."""

    permission = _READ_WRITE

    @operation(
        "List topics and ideas",
        tag=_TAG,
        answer=shapes.TopicView,
        query=shapes.TopicQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        wanted = self.query(shapes.TopicQuery)
        named = {"group": "group__public_id", "member": "member__public_id"}
        inside = {named[name]: wanted.pop(name) for name in named if name in wanted}
        return self.page(selectors.topics(**wanted).filter(**inside), present=_topic)

    @operation(
        "Start a topic, or propose an idea, for a member",
        tag=_TAG,
        body=shapes.TopicBody,
        example=shapes.TOPIC,
        answer=WrittenAnswer,
        errors=(422,),
        description="Published, it counts once as the activity `topic.published` or `idea.published`.",
    )
    def post(self, request: Request) -> Response:
        done = services.start_topic(self.call(), **shapes.with_photos(self.read(shapes.TopicBody)))
        return self.created(done, location=f"/api/v1/topics/{done.id}/", revision=done.revision)


class OneTopic(ApiView):
    """A topic or an idea."""

    permission = {
        "GET": "discussions:read",
        "PATCH": "discussions:write",
        "DELETE": "discussions:write",
    }

    @operation("Read a topic", tag=_TAG, answer=shapes.TopicView)
    def get(self, request: Request, topic: str) -> Response:
        row = selectors.access_topic(topic)
        return self.ok(_topic(row), revision=row.revision)

    @operation(
        "Change a topic",
        tag=_TAG,
        body=shapes.TopicChangeBody,
        example={"title": "Mở cửa lúc 6 giờ"},
        answer=WrittenAnswer,
        errors=(422,),
    )
    def patch(self, request: Request, topic: str) -> Response:
        revision = self.if_match()
        values = shapes.with_photos(self.read(shapes.TopicChangeBody))
        done = services.edit_topic(self.call(), topic=topic, revision=revision, **values)
        return self.ok(done, revision=done.revision)

    @operation("Withdraw a topic", tag=_TAG, description="What it earned is taken back.")
    def delete(self, request: Request, topic: str) -> Response:
        services.withdraw_topic(self.call(), topic=topic)
        return self.gone()


class TopicReplies(ApiView):
    """Replies of a topic."""

    permission = _READ_WRITE

    @operation("List a topic's published replies", tag=_TAG, answer=shapes.ReplyView, is_list=True)
    def get(self, request: Request, topic: str) -> Response:
        rows = selectors.replies_of(selectors.access_topic(topic))
        return self.page(rows, present=_reply)

    @operation(
        "Reply for a member, or as the shop",
        tag=_TAG,
        body=shapes.ReplyBody,
        example=shapes.REPLY,
        answer=WrittenAnswer,
        errors=(422,),
    )
    def post(self, request: Request, topic: str) -> Response:
        body = self.read(shapes.ReplyBody)
        done: WrittenAnswer
        if body.get("member"):
            body = shapes.with_photos(body)
            done = services.write_reply(self.call(), topic=topic, **body)
        elif body.get("photos"):
            text = _("What the shop writes itself has no photos.")
            raise Invalid("photos_need_a_member", text, field="photos")
        else:
            done = services.answer_as_shop(self.call(), topic=topic, text=body["text"])
        return self.created(done)


class TopicVotes(ApiView):
    """Votes for an idea."""

    permission = "discussions:write"

    @operation(
        "Vote for an idea",
        tag=_TAG,
        body=shapes.VoteBody,
        example={"member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"},
        answer=VoteAnswer,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, topic: str) -> Response:
        body = self.read(shapes.VoteBody)
        return self.ok(services.vote_for_idea(self.call(), topic=topic, **body))


class IdeaStatus(ApiView):
    """What becomes of an idea."""

    permission = "discussions:write"

    @operation(
        "Say what becomes of an idea",
        tag=_TAG,
        body=shapes.IdeaStatusBody,
        example={"status": "planned"},
        answer=WrittenAnswer,
        status=200,
        description="Planned or done, it counts once as the activity `idea.accepted`.",
    )
    def post(self, request: Request, topic: str) -> Response:
        body = self.read(shapes.IdeaStatusBody)
        return self.ok(services.set_status(self.call(), topic=topic, **body))


class TopicClosed(ApiView):
    """Whether a topic takes replies."""

    permission = "discussions:write"

    @operation(
        "Close or open a topic",
        tag=_TAG,
        body=shapes.CloseBody,
        example={"is_closed": True},
        answer=WrittenAnswer,
        status=200,
    )
    def post(self, request: Request, topic: str) -> Response:
        body = self.read(shapes.CloseBody)
        return self.ok(services.close_topic(self.call(), topic=topic, **body))


class TopicBest(ApiView):
    """The best answer."""

    permission = "discussions:write"

    @operation(
        "Choose the best answer",
        tag=_TAG,
        body=shapes.BestAnswerBody,
        example={},
        answer=WrittenAnswer,
        status=200,
        errors=(422,),
        description="It counts for its author as the activity `answer.accepted` while it is chosen.",
    )
    def post(self, request: Request, topic: str) -> Response:
        body = self.read(shapes.BestAnswerBody)
        return self.ok(services.choose_best(self.call(), topic=topic, **body))


class TopicDecision(ApiView):
    """What staff decide."""

    permission = "moderation:write"

    @operation(
        "Decide about a topic",
        tag=_TAG,
        body=shapes.TextDecisionBody,
        example={"verdict": "keep"},
        answer=WrittenAnswer,
        status=200,
    )
    def post(self, request: Request, topic: str) -> Response:
        body = self.read(shapes.TextDecisionBody)
        return self.ok(services.decide_topic(self.call(), topic=topic, **body))


class OneReply(ApiView):
    """A reply."""

    permission = {
        "GET": "discussions:read",
        "PATCH": "discussions:write",
        "DELETE": "discussions:write",
    }

    @operation("Read a reply", tag=_TAG, answer=shapes.ReplyView)
    def get(self, request: Request, reply: str) -> Response:
        row = selectors.access_reply(reply)
        return self.ok(_reply(row), revision=row.revision)

    @operation(
        "Change a reply",
        tag=_TAG,
        body=shapes.ReplyChangeBody,
        example={"text": "Mình cũng muốn lắm."},
        answer=WrittenAnswer,
        errors=(422,),
    )
    def patch(self, request: Request, reply: str) -> Response:
        revision = self.if_match()
        values = shapes.with_photos(self.read(shapes.ReplyChangeBody))
        done = services.edit_reply(self.call(), reply=reply, revision=revision, **values)
        return self.ok(done, revision=done.revision)

    @operation("Withdraw a reply", tag=_TAG)
    def delete(self, request: Request, reply: str) -> Response:
        services.withdraw_reply(self.call(), reply=reply)
        return self.gone()


class ReplyDecision(ApiView):
    """What staff decide."""

    permission = "moderation:write"

    @operation(
        "Decide about a reply",
        tag=_TAG,
        body=shapes.TextDecisionBody,
        example={"verdict": "keep"},
        answer=WrittenAnswer,
        status=200,
    )
    def post(self, request: Request, reply: str) -> Response:
        body = self.read(shapes.TextDecisionBody)
        return self.ok(services.decide_reply(self.call(), reply=reply, **body))


def _topic(row: Topic) -> shapes.TopicView:
    (one,) = selectors.show_topics([row], everything=True)
    return shapes.present_topic(one, slug=current_programme().slug)


def _reply(row: Reply) -> shapes.ReplyView:
    (one,) = selectors.show_replies([row], everything=True)
    return shapes.present_reply(one, slug=current_programme().slug)


routes = [
    path("topics/", Topics.as_view()),
    path("topics/<str:topic>/", OneTopic.as_view()),
    path("topics/<str:topic>/replies/", TopicReplies.as_view()),
    path("topics/<str:topic>/votes/", TopicVotes.as_view()),
    path("topics/<str:topic>/status/", IdeaStatus.as_view()),
    path("topics/<str:topic>/closed/", TopicClosed.as_view()),
    path("topics/<str:topic>/best/", TopicBest.as_view()),
    path("topics/<str:topic>/decision/", TopicDecision.as_view()),
    path("replies/<str:reply>/", OneReply.as_view()),
    path("replies/<str:reply>/decision/", ReplyDecision.as_view()),
]
