"""Reads about discussions. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from community.discussions.models import (
    DiscussionSettings,
    Group,
    Membership,
    Reply,
    Topic,
    Vote,
    Written,
)
from community.discussions.rules import DiscussionTerms, may_edit
from loyalty.commands.decorator import Lock
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.conditions import parse
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.promises import whom
from loyalty.engine.shown import shown_names
from loyalty.tenancy.scope import current_programme
from members.moderation.models import Photo
from members.moderation.selectors import blocked_by, cards_of, photos_of
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


@dataclass(frozen=True, kw_only=True)
class ShownTopic:
    """A topic as one reader sees it; ``author`` is empty where the member is gone."""

    topic: Topic
    author: str
    is_own: bool = False
    is_voted: bool = False
    photos: Sequence[Photo] = ()


@dataclass(frozen=True, kw_only=True)
class ShownReply:
    """A reply as one reader sees it; ``is_shop``: the shop's own."""

    reply: Reply
    author: str
    is_shop: bool = False
    is_own: bool = False
    is_best: bool = False
    may_edit: bool = False
    photos: Sequence[Photo] = ()


@dataclass(frozen=True, kw_only=True)
class ShownGroup:
    """A group before one member: ``standing`` is ``in``, ``asked``, ``out`` or empty."""

    group: Group
    standing: str = ""
    fits: bool = True
    for_whom: str = ""

    @property
    def may_read(self) -> bool:
        """May this member read what is written there?"""
        return not self.group.is_private or self.may_write

    @property
    def may_write(self) -> bool:
        """May this member write there?"""
        return self.standing == Membership.State.IN and self.fits

    @property
    def may_join(self) -> bool:
        """Is there a door for them?"""
        return not self.standing and self.fits


def settings_row() -> DiscussionSettings:
    """The settings of the programme in scope, kept or not. One query."""
    return DiscussionSettings.objects.first() or DiscussionSettings()


def discussion_terms() -> DiscussionTerms:
    """How discussions work here. One query."""
    return settings_row().terms


def topics(*, kind: str = "", state: str = "", status: str = "", text: str = "") -> QuerySet[Topic]:
    """Topics and ideas by filters, unordered, withdrawn ones left out."""
    rows: QuerySet[Topic] = Topic.objects.select_related("member", "group", "best")
    rows = rows.exclude(state=Topic.State.WITHDRAWN)
    for name, value in (("kind", kind), ("state", state), ("status", status)):
        if value:
            rows = rows.filter(**{name: value})
    for word in text.replace("\0", "").split()[:5]:
        rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
    return rows


def readable(reader: Member | None, **filters: str) -> QuerySet[Topic]:
    """Published topics that a reader may read and wants to read. Few queries."""
    rows = topics(state=Topic.State.PUBLISHED, **filters)
    private = list(Group.objects.filter(is_private=True))
    if private:
        shown = {one.group.pk for one in show_groups(private, reader=reader) if one.may_read}
        rows = rows.exclude(group__in=[one for one in private if one.pk not in shown])
    rows = rows.exclude(group__state=Group.State.ARCHIVED)
    hidden = blocked_by(reader)
    return rows.exclude(member__in=hidden) if hidden else rows


def access_topic(public_id: str) -> Topic:
    """A topic that was not withdrawn. Raises ``NotFound``."""
    found = topics().filter(public_id=public_id).first()
    if found is None:
        raise NotFound("topic_not_found", _("There is no such topic."), field="topic")
    return found


def open_topic(public_id: str, *, reader: Member | None) -> Topic:
    """A topic this reader may see: published and readable, or their own. Raises ``NotFound``."""
    row = access_topic(public_id)
    own = reader is not None and row.member_id in cards_of(reader)
    if own or readable(reader).filter(pk=row.pk).exists():
        return row
    raise NotFound("topic_not_found", _("There is no such topic."), field="topic")


def access_reply(public_id: str) -> Reply:
    """A reply that was not withdrawn. Raises ``NotFound``."""
    rows = Reply.objects.select_related("member", "topic__member", "topic__group")
    found = rows.exclude(state=Reply.State.WITHDRAWN).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("reply_not_found", _("There is no such reply."), field="reply")
    return found


def replies_of(topic: Topic, *, reader: Member | None = None) -> QuerySet[Reply]:
    """The published replies of a topic and the reader's own, without those they do not want."""
    rows = Reply.objects.select_related("member", "topic").filter(topic=topic)
    mine = cards_of(reader) if reader else []
    living = Q(state=Reply.State.PUBLISHED) | (Q(member__in=mine) & ~Q(state=Reply.State.WITHDRAWN))
    hidden = blocked_by(reader)
    # What the shop wrote has no member, and SQL's "not in" would leave it out.
    return rows.filter(living & ~Q(member__in=hidden, member__isnull=False))


def show_topics(
    rows: Sequence[Topic], *, reader: Member | None = None, everything: bool = False
) -> list[ShownTopic]:
    """Topics as this reader sees them; ``everything``: with photos held back. Few queries for all."""
    names = shown_names(list({row.member_id: row.member for row in rows}.values()))
    mine = set(cards_of(reader)) if reader else set()
    voted: set[int] = set()
    if mine and rows:
        votes = Vote.objects.filter(topic__in=rows, member__in=mine)
        voted = set(votes.values_list("topic", flat=True))
    photos = _photos_beside(rows, mine, everything=everything)
    return [
        ShownTopic(
            topic=row,
            author=names[row.member_id],
            is_own=row.member_id in mine,
            is_voted=row.pk in voted,
            photos=photos.get(row.public_id, ()),
        )
        for row in rows
    ]


def show_replies(
    rows: Sequence[Reply],
    *,
    reader: Member | None = None,
    at: datetime | None = None,
    everything: bool = False,
) -> list[ShownReply]:
    """Replies as this reader sees them; ``everything``: with photos held back. Few queries for all."""
    people = {row.member.pk: row.member for row in rows if row.member is not None}
    names = shown_names(list(people.values()))
    mine = set(cards_of(reader)) if reader else set()
    terms, at = discussion_terms(), at or clock_now()
    photos = _photos_beside(rows, mine, everything=everything)
    return [
        ShownReply(
            reply=row,
            author=names[row.member.pk] if row.member else "",
            is_shop=row.member is None,
            is_own=row.member_id in mine,
            is_best=row.topic.best_id == row.pk,
            may_edit=row.member_id in mine and may_edit(terms, written_at=row.written_at, now=at),
            photos=photos.get(row.public_id, ()),
        )
        for row in rows
    ]


def _photos_beside(
    rows: Sequence[Topic] | Sequence[Reply], mine: set[int], *, everything: bool
) -> dict[str, list[Photo]]:
    """Photos beside texts: shown ones, and the reader's own. At most two queries."""
    if everything or not mine:
        return photos_of([row.public_id for row in rows], everything=everything)
    found = photos_of([row.public_id for row in rows if row.member_id not in mine])
    own = [row.public_id for row in rows if row.member_id in mine]
    return found | photos_of(own, everything=True) if own else found


def may_read_of(subject: str, *, reader: Member | None) -> bool:
    """May this reader see what stands beside a topic or a reply? Asked for each photo."""
    if reader is None and not discussion_terms().public_read:
        return False
    reply = Reply.objects.select_related("topic").filter(public_id=subject).first()
    topic = reply.topic.public_id if reply else subject
    try:
        open_topic(topic, reader=reader)
    except NotFound:
        return False
    return True


def groups(*, everything: bool = False) -> QuerySet[Group]:
    """Groups by name; those put away only with ``everything``."""
    rows: QuerySet[Group] = Group.objects.all()
    rows = rows if everything else rows.filter(state=Group.State.ACTIVE)
    return rows.order_by("state", "name")


def access_group(public_id: str, *, everything: bool = False) -> Group:
    """A group. Raises ``NotFound``."""
    found = groups(everything=everything).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("group_not_found", _("There is no such group."), field="group")
    return found


def show_groups(rows: Sequence[Group], *, reader: Member | None = None) -> list[ShownGroup]:
    """Groups before one member; conditions are asked now. Two queries, and what the facts take."""
    standing: dict[int, str] = {}
    if reader is not None and rows:
        found = Membership.objects.filter(group__in=rows, member__in=cards_of(reader))
        standing = dict(found.order_by("pk").values_list("group", "state"))
    facts: Facts | None = None
    shown = []
    for row in rows:
        fits, for_whom = True, ""
        if row.join == Group.Join.CONDITIONS:
            for_whom = whom(parse(row.conditions))
            if reader is not None:
                facts = facts or facts_of(reader)
                fits = all(one.holds(facts.__getitem__) for one in parse(row.conditions))
            else:
                fits = False
        state = standing.get(row.pk, "")
        shown.append(ShownGroup(group=row, standing=state, fits=fits, for_whom=for_whom))
    return shown


def facts_of(member: Member) -> Facts:
    """What is known of a member now."""
    programme = current_programme()
    return Facts(DatabaseWorld(programme=programme, member=member, now=clock_now()))


def group_of(group: Group, member: Member | None) -> ShownGroup:
    """A group before one member."""
    (found,) = show_groups([group], reader=member)
    return found


def at_the_door() -> QuerySet[Membership]:
    """Who waits to be let into a group, oldest first."""
    rows = Membership.objects.select_related("group", "member")
    return rows.filter(state=Membership.State.ASKED).order_by("pk")


def members_of(group: Group) -> QuerySet[Membership]:
    """Who is in a group, unordered."""
    rows = Membership.objects.select_related("member").filter(group=group)
    return rows.filter(state=Membership.State.IN)


def access_membership(public_id: str) -> Membership:
    """A member of a group, or at its door. Raises ``NotFound``."""
    rows = Membership.objects.select_related("group", "member").filter(public_id=public_id)
    found = rows.first()
    if found is None:
        raise NotFound("membership_not_found", _("Nobody waits there."), field="membership")
    return found


def owner_of(member: Member) -> Member:
    """The card that a card was merged into, or itself."""
    while member.merged_into is not None:
        member = member.merged_into
    return member


def author_to_lock(*, topic: str = "", reply: str = "", **_rest: Any) -> Lock:
    """The lock of commands about one text: its author, by the card that is theirs now."""
    kind: type[Written] = Reply if reply else Topic
    rows: Any = kind.objects.select_related("member__merged_into")
    row = rows.filter(public_id=reply or topic).first()
    return member_to_lock(owner_of(row.member).public_id if row and row.member else "")
