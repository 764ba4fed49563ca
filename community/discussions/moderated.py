"""Topics and replies can be reported and decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from community.discussions import selectors
from community.discussions.models import Reply, Topic
from community.discussions.services import decide_reply, decide_topic
from community.discussions.services.showing import REPLY_KIND, TOPIC_KIND
from loyalty.commands.decorator import Call
from members.moderation.selectors import Moderated, Thing
from members.profiles.models import Member


def _topics(subjects: Collection[str]) -> Mapping[str, Thing]:
    rows = list(selectors.topics().filter(public_id__in=subjects))
    return {
        one.topic.public_id: Thing(
            subject=one.topic.public_id,
            author=one.topic.member.public_id,
            author_name=one.author,
            title=one.topic.title,
            text=one.topic.text,
            written_at=one.topic.edited_at or one.topic.written_at,
            is_shown=one.topic.state == Topic.State.PUBLISHED,
            route=("topic", one.topic.public_id),
        )
        for one in selectors.show_topics(rows)
    }


def _replies(subjects: Collection[str]) -> Mapping[str, Thing]:
    rows = Reply.objects.select_related("member", "topic").filter(public_id__in=subjects)
    rows = rows.exclude(state=Reply.State.WITHDRAWN).filter(member__isnull=False)
    return {
        one.reply.public_id: Thing(
            subject=one.reply.public_id,
            author=one.reply.member.public_id if one.reply.member else "",
            author_name=one.author,
            title=one.reply.topic.title,
            text=one.reply.text,
            written_at=one.reply.edited_at or one.reply.written_at,
            is_shown=one.reply.state == Reply.State.PUBLISHED,
            route=("topic", one.reply.topic.public_id),
        )
        for one in selectors.show_replies(list(rows))
    }


def _decide_topic(call: Call, subject: str, verdict: str, reason: str) -> Any:
    return decide_topic(call, topic=subject, verdict=verdict, reason=reason)


def _decide_reply(call: Call, subject: str, verdict: str, reason: str) -> Any:
    return decide_reply(call, reply=subject, verdict=verdict, reason=reason)


def _may_read(subject: str, reader: Member | None) -> bool:
    return selectors.may_read_of(subject, reader=reader)


MODERATED = (
    Moderated(
        kind=TOPIC_KIND, label=_("Topic"), find=_topics, decide=_decide_topic, may_read=_may_read
    ),
    Moderated(
        kind=REPLY_KIND, label=_("Reply"), find=_replies, decide=_decide_reply, may_read=_may_read
    ),
)
