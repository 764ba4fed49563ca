"""Shapes of the discussions API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.discussions.models import Membership
from community.discussions.rules import LONGEST, LONGEST_TITLE
from community.discussions.selectors import ShownGroup, ShownReply, ShownTopic
from loyalty.engine.sent import Conditions
from loyalty.web.api import (
    Base64,
    Body,
    Choice,
    Flag,
    ItemList,
    PublicId,
    Query,
    Text,
    Whole,
)
from loyalty.web.photos import MOST_BYTES, keep_photos
from members.moderation.results import PhotoView, present_photos

_MEMBER = {"member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6"}
TOPIC = {**_MEMBER, "kind": "idea", "title": "Mở cửa sớm hơn", "text": "6 giờ sáng được không?"}
REPLY = {**_MEMBER, "text": "Mình cũng muốn."}
GROUP = {"name": "Hội pha tay", "join": "open"}


class TopicBody(Body):
    """A topic or an idea; ``group`` is where it stands, ``photos`` are pictures as base64."""

    member = PublicId(prefix="mem")
    kind = Choice(choices=["topic", "idea"], required=False)
    title = Text(maximum=LONGEST_TITLE)
    text = Text(maximum=LONGEST, lines=True, required=False)
    group = PublicId(prefix="grp", required=False)
    photos = ItemList(child=Base64(maximum=MOST_BYTES), maximum=10, required=False)


class TopicChangeBody(Body):
    """What to change of a topic; ``drop_photos`` are ids of photos to take away."""

    title = Text(maximum=LONGEST_TITLE, required=False)
    text = Text(maximum=LONGEST, lines=True, required=False)
    photos = ItemList(child=Base64(maximum=MOST_BYTES), maximum=10, required=False)
    drop_photos = ItemList(child=PublicId(prefix="pho"), maximum=20, required=False)


class ReplyBody(Body):
    """A reply; without a member it is the shop's own, which has no photos."""

    member = PublicId(prefix="mem", required=False)
    text = Text(maximum=LONGEST, lines=True)
    photos = ItemList(child=Base64(maximum=MOST_BYTES), maximum=10, required=False)


class ReplyChangeBody(Body):
    """What a reply says now; ``drop_photos`` are ids of photos to take away."""

    text = Text(maximum=LONGEST, lines=True)
    photos = ItemList(child=Base64(maximum=MOST_BYTES), maximum=10, required=False)
    drop_photos = ItemList(child=PublicId(prefix="pho"), maximum=20, required=False)


def with_photos(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its pictures looked at and kept. Raises ``Invalid`` (``photos.<n>``)."""
    return {**body, "photos": keep_photos(body.pop("photos", None) or [])}


class VoteBody(Body):
    """Who wants an idea, or no longer."""

    member = PublicId(prefix="mem")
    is_wanted = Flag(required=False)


class IdeaStatusBody(Body):
    """What becomes of an idea; ``declined`` needs a note."""

    status = Choice(choices=["new", "planned", "done", "declined"])
    note = Text(maximum=300, required=False)


class CloseBody(Body):
    """Whether a topic takes replies."""

    is_closed = Flag()


class BestAnswerBody(Body):
    """The reply that helped most; none without one."""

    reply = PublicId(prefix="rpl", required=False)


class TextDecisionBody(Body):
    """What becomes of a text; to remove one needs a reason, which its author reads."""

    verdict = Choice(choices=["keep", "remove", "hold"])
    reason = Text(maximum=200, required=False)


class TopicQuery(Query):
    """Which topics."""

    kind = Choice(choices=["topic", "idea"], required=False)
    state = Choice(choices=["waiting", "published", "rejected"], required=False)
    status = Choice(choices=["new", "planned", "done", "declined"], required=False)
    group = PublicId(prefix="grp", required=False)
    member = PublicId(prefix="mem", required=False)


class GroupBody(Body):
    """A group: ``conditions`` as in a rule's audience, asked for with ``join`` “conditions”."""

    name = Text(maximum=80)
    about = Text(maximum=300, required=False)
    join = Choice(choices=["open", "conditions", "approval"], required=False)
    conditions = Conditions(maximum=20, required=False)
    is_private = Flag(required=False)


class GroupChangeBody(Body):
    """What to change of a group."""

    name = Text(maximum=80, required=False)
    about = Text(maximum=300, required=False)
    join = Choice(choices=["open", "conditions", "approval"], required=False)
    conditions = Conditions(maximum=20, required=False)
    is_private = Flag(required=False)
    is_archived = Flag(required=False)


class GroupMemberBody(Body):
    """Who comes in or leaves."""

    member = PublicId(prefix="mem")


class MembershipDecisionBody(Body):
    """In, or not."""

    is_in = Flag()


class DiscussionSettingsBody(Body):
    """Settings to change."""

    is_open = Flag(required=False)
    ideas_open = Flag(required=False)
    looked_at = Choice(choices=["before", "after"], required=False)
    edit_hours = Whole(maximum=8_760, required=False)
    most_photos = Whole(maximum=10, required=False)
    public_read = Flag(required=False)
    former = Choice(choices=["keep", "remove"], required=False)


@dataclass(frozen=True, kw_only=True)
class TopicView:
    """A topic or an idea. ``author`` is the name its author shows; empty where they are gone."""

    id: str
    kind: str
    member: str
    author: str
    group: str
    title: str
    text: str
    state: str
    reason: str
    status: str
    status_note: str
    is_closed: bool
    votes: int
    replies: int
    best: str
    photos: Sequence[PhotoView]
    written_at: datetime
    edited_at: datetime | None
    last_at: datetime
    revision: int


@dataclass(frozen=True, kw_only=True)
class ReplyView:
    """A reply; ``is_shop``: the shop's own, without a member."""

    id: str
    topic: str
    member: str
    author: str
    is_shop: bool
    is_best: bool
    text: str
    photos: Sequence[PhotoView]
    state: str
    reason: str
    written_at: datetime
    edited_at: datetime | None
    revision: int


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A group."""

    id: str
    name: str
    about: str
    join: str
    conditions: Sequence[dict[str, Any]]
    for_whom: str
    is_private: bool
    state: str
    members: int
    revision: int


@dataclass(frozen=True, kw_only=True)
class MembershipView:
    """A member of a group, or somebody at its door."""

    id: str
    group: str
    member: str
    state: str
    since: datetime


def present_topic(one: ShownTopic, *, slug: str) -> TopicView:
    """For the API."""
    row = one.topic
    return TopicView(
        id=row.public_id,
        kind=str(row.kind),
        member=row.member.public_id,
        author=one.author,
        group=row.group.public_id if row.group else "",
        title=row.title,
        text=row.text,
        state=str(row.state),
        reason=row.reason,
        status=str(row.status) if row.kind == "idea" else "",
        status_note=row.status_note,
        is_closed=row.is_closed,
        votes=row.votes,
        replies=row.replies,
        best=row.best.public_id if row.best and row.best.state == "published" else "",
        photos=present_photos(one.photos, slug=slug),
        written_at=row.written_at,
        edited_at=row.edited_at,
        last_at=row.last_at,
        revision=row.revision,
    )


def present_reply(one: ShownReply, *, slug: str) -> ReplyView:
    """For the API."""
    row = one.reply
    return ReplyView(
        id=row.public_id,
        topic=row.topic.public_id,
        member=row.member.public_id if row.member else "",
        author=one.author,
        is_shop=one.is_shop,
        is_best=one.is_best,
        text=row.text,
        photos=present_photos(one.photos, slug=slug),
        state=str(row.state),
        reason=row.reason,
        written_at=row.written_at,
        edited_at=row.edited_at,
        revision=row.revision,
    )


def present_group(one: ShownGroup) -> GroupView:
    """For the API."""
    row = one.group
    return GroupView(
        id=row.public_id,
        name=row.name,
        about=row.about,
        join=str(row.join),
        conditions=row.conditions,
        for_whom=one.for_whom,
        is_private=row.is_private,
        state=str(row.state),
        members=row.members,
        revision=row.revision,
    )


def present_membership(row: Membership) -> MembershipView:
    """For the API."""
    return MembershipView(
        id=row.public_id,
        group=row.group.public_id,
        member=row.member.public_id,
        state=str(row.state),
        since=row.since,
    )
