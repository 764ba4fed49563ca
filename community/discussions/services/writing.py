"""What members do: start topics and ideas, reply, change and take away, vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.discussions import selectors
from community.discussions.models import Reply, Topic, Vote, Written
from community.discussions.rules import (
    IDEA,
    LONGEST,
    LONGEST_TITLE,
    TOPIC,
    DiscussionTerms,
    Status,
    may_edit,
)
from community.discussions.services.showing import (
    REPLY_KIND,
    TOPIC_KIND,
    WrittenAnswer,
    answer,
    appear,
    disappear,
)
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Outdated, Refused
from loyalty.web.photos import KeptPhoto
from members.moderation.models import Case, Photo
from members.moderation.rules import Manners
from members.moderation.selectors import cards_of, is_blocked, manners
from members.moderation.services import (
    attach_photos,
    check_pace,
    check_text,
    close_cases,
    open_case,
    throw_photos_away,
)
from members.profiles.models import Member
from members.profiles.rules.names import clean_name, clean_text
from members.profiles.selectors import member_to_lock

PERMISSIONS = ("discussions:write", "self:discussions")


@dataclass(frozen=True, kw_only=True)
class VoteAnswer:
    """How many members want an idea."""

    topic: str
    votes: int
    is_voted: bool


@command(
    "discussions.start_topic",
    label=_("Topic started"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def start_topic(
    ctx: Context,
    *,
    member: str,
    title: str,
    text: str = "",
    kind: str = TOPIC,
    group: str = "",
    photos: Sequence[KeptPhoto] = (),
) -> WrittenAnswer:
    """Start a topic, or propose an idea, in a group or for everybody.

    Raises ``NotFound`` (member, group), ``Invalid`` by field, ``Refused`` (closed, not in the group,
    card not active, too many).
    """
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    terms = selectors.discussion_terms()
    if kind not in (TOPIC, IDEA):
        raise Invalid("unknown_choice", _("Use one of: topic, idea."), field="kind")
    _check_open(owner, terms, is_idea=kind == IDEA)
    room = selectors.access_group(group) if group else None
    if room is not None and not selectors.group_of(room, owner).may_write:
        raise Refused("not_in_group", _("Join the group first."), field="group")
    polite = manners()
    check_pace(ctx, owner, polite)
    row = Topic(
        programme=ctx.programme,
        member=owner,
        group=room,
        kind=kind,
        title=_title(title),
        text=clean_text(text, longest=LONGEST),
        written_at=ctx.now,
        last_at=ctx.now,
    )
    why = _why(row.title, polite, field="title") or _why(row.text, polite)
    row.save()
    _attach(ctx, row, owner, photos, terms)
    _go_on(ctx, row, owner, why, terms)
    ctx.about(owner.public_id, topic=row.public_id, state=str(row.state))
    return answer(row, owner)


@command(
    "discussions.edit_topic",
    label=_("Topic changed"),
    permission=PERMISSIONS,
    lock=selectors.author_to_lock,
)
def edit_topic(
    ctx: Context,
    *,
    topic: str,
    title: str | None = None,
    text: str | None = None,
    revision: int | None = None,
    photos: Sequence[KeptPhoto] = (),
    drop_photos: Sequence[str] = (),
) -> WrittenAnswer:
    """Change a topic within the time for it. Raises what ``start_topic`` raises, and ``Outdated``."""
    owner = ctx.the_locked(Member, code="topic_not_found", field="topic")
    row, terms, polite = selectors.access_topic(topic), selectors.discussion_terms(), manners()
    _check_edit(ctx, row, terms, revision)
    check_pace(ctx, owner, polite)
    row.title = row.title if title is None else _title(title)
    row.text = row.text if text is None else clean_text(text, longest=LONGEST)
    why = _why(row.title, polite, field="title") or _why(row.text, polite)
    _attach(ctx, row, owner, photos, terms, drop=drop_photos)
    _go_on(ctx, row, owner, why, terms, is_edit=True)
    ctx.about(owner.public_id, topic=row.public_id, state=str(row.state))
    return answer(row, owner)


@command(
    "discussions.withdraw_topic",
    label=_("Topic withdrawn"),
    permission=PERMISSIONS,
    lock=selectors.author_to_lock,
)
def withdraw_topic(ctx: Context, *, topic: str) -> WrittenAnswer:
    """Take a topic away with its replies, and with what it earned. Raises ``NotFound``."""
    owner = ctx.the_locked(Member, code="topic_not_found", field="topic")
    row = selectors.access_topic(topic)
    row.text = ""
    row.revision += 1
    disappear(ctx, row, state=Written.State.WITHDRAWN, for_good=True)
    replies = Reply.objects.filter(topic=row).values("public_id")
    throw_photos_away(Photo.objects.filter(Q(subject=row.public_id) | Q(subject__in=replies)))
    close_cases(ctx, kind=TOPIC_KIND, subject=row.public_id, state=Case.State.GONE)
    ctx.about(owner.public_id, topic=row.public_id)
    return answer(row, owner)


@command(
    "discussions.write_reply",
    label=_("Reply written"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def write_reply(
    ctx: Context, *, member: str, topic: str, text: str, photos: Sequence[KeptPhoto] = ()
) -> WrittenAnswer:
    """Reply to a topic.

    Raises ``NotFound`` (member, topic), ``Invalid`` (``text``), ``Refused`` (closed, not in the group,
    blocked, card not active, too many).
    """
    owner = ctx.the_locked(Member, code="member_not_found", field="member")
    subject, terms = selectors.open_topic(topic, reader=owner), selectors.discussion_terms()
    _check_open(owner, terms, is_idea=False)
    if subject.is_closed or subject.state != Topic.State.PUBLISHED:
        raise Refused("topic_closed", _("This topic is closed."), field="topic")
    if subject.group is not None and not selectors.group_of(subject.group, owner).may_write:
        raise Refused("not_in_group", _("Join the group first."), field="topic")
    if is_blocked(member_id=owner.pk, by=subject.member_id):
        raise Refused("may_not_reply", _("You cannot reply to this topic."), field="topic")
    polite = manners()
    check_pace(ctx, owner, polite)
    row = Reply(
        programme=ctx.programme,
        topic=subject,
        member=owner,
        text=_reply_text(text),
        written_at=ctx.now,
    )
    row.save()
    _attach(ctx, row, owner, photos, terms)
    _go_on(ctx, row, owner, _why(row.text, polite), terms)
    ctx.about(owner.public_id, reply=row.public_id, topic=topic, state=str(row.state))
    return answer(row, owner)


@command(
    "discussions.edit_reply",
    label=_("Reply changed"),
    permission=PERMISSIONS,
    lock=selectors.author_to_lock,
)
def edit_reply(
    ctx: Context,
    *,
    reply: str,
    text: str,
    revision: int | None = None,
    photos: Sequence[KeptPhoto] = (),
    drop_photos: Sequence[str] = (),
) -> WrittenAnswer:
    """Change a reply within the time for it. Raises what ``write_reply`` raises, and ``Outdated``."""
    owner = ctx.the_locked(Member, code="reply_not_found", field="reply")
    row, terms, polite = selectors.access_reply(reply), selectors.discussion_terms(), manners()
    _check_edit(ctx, row, terms, revision)
    check_pace(ctx, owner, polite)
    row.text = _reply_text(text)
    _attach(ctx, row, owner, photos, terms, drop=drop_photos)
    _go_on(ctx, row, owner, _why(row.text, polite), terms, is_edit=True)
    ctx.about(owner.public_id, reply=row.public_id, state=str(row.state))
    return answer(row, owner)


@command(
    "discussions.withdraw_reply",
    label=_("Reply withdrawn"),
    permission=PERMISSIONS,
    lock=selectors.author_to_lock,
)
def withdraw_reply(ctx: Context, *, reply: str) -> WrittenAnswer:
    """Take a reply away, and with it what it earned. Raises ``NotFound``."""
    owner = ctx.the_locked(Member, code="reply_not_found", field="reply")
    row = selectors.access_reply(reply)
    row.text = ""
    row.revision += 1
    disappear(ctx, row, state=Written.State.WITHDRAWN, for_good=True)
    throw_photos_away(Photo.objects.filter(subject=row.public_id))
    close_cases(ctx, kind=REPLY_KIND, subject=row.public_id, state=Case.State.GONE)
    ctx.about(owner.public_id, reply=row.public_id)
    return answer(row, owner)


@command(
    "discussions.vote_for_idea",
    label=_("Voted for an idea"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def vote_for_idea(ctx: Context, *, member: str, topic: str, is_wanted: bool = True) -> VoteAnswer:
    """Want an idea, or no longer; once for each member, never one's own.

    Raises ``NotFound`` and ``Refused`` (``ones_own``, ``topic_closed``).
    """
    voter = ctx.the_locked(Member, code="member_not_found", field="member")
    row = selectors.open_topic(topic, reader=voter)
    if row.member_id in cards_of(voter):
        raise Refused("ones_own", _("This is your own idea."), field="topic")
    if row.kind != IDEA or Status(str(row.status)) in (Status.DONE, Status.DECLINED):
        raise Refused("topic_closed", _("There is nothing to vote for any more."), field="topic")
    votes = Vote.objects.filter(topic=row, member__in=cards_of(voter))
    was = votes.exists()
    if is_wanted and not was:
        Vote.objects.create(programme=ctx.programme, topic=row, member=voter, voted_at=ctx.now)
        Topic.objects.filter(pk=row.pk).update(votes=F("votes") + 1)
    if was and not is_wanted:
        votes.delete()
        Topic.objects.filter(pk=row.pk).update(votes=F("votes") - 1)
    row.refresh_from_db(fields=["votes"])
    ctx.about(voter.public_id, topic=row.public_id, is_wanted=is_wanted)
    return VoteAnswer(topic=row.public_id, votes=row.votes, is_voted=is_wanted)


def _check_open(owner: Member, terms: DiscussionTerms, *, is_idea: bool) -> None:
    if owner.state != Member.State.ACTIVE:
        raise Refused("member_not_active", _("This card is not active."), field="member")
    if not terms.is_open or (is_idea and not terms.ideas_open):
        raise Refused("discussions_closed", _("Nothing can be written here at the moment."))


def _check_edit(
    ctx: Context, row: Topic | Reply, terms: DiscussionTerms, revision: int | None
) -> None:
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    if not may_edit(terms, written_at=row.written_at, now=ctx.now):
        raise Refused(
            "too_late_to_edit",
            _("A text can be changed for %(hours)s hours. This one stands as it is.")
            % {"hours": terms.edit_hours},
            params={"hours": terms.edit_hours},
        )


def _attach(
    ctx: Context,
    row: Topic | Reply,
    owner: Member,
    photos: Sequence[KeptPhoto],
    terms: DiscussionTerms,
    *,
    drop: Sequence[str] = (),
) -> None:
    """Photos beside a text: those to drop go, new ones are held back until the text is shown."""
    dropped = Photo.objects.filter(subject=row.public_id, public_id__in=list(drop))
    throw_photos_away(dropped)
    kind = REPLY_KIND if isinstance(row, Reply) else TOPIC_KIND
    attach_photos(
        ctx,
        member=owner,
        kind=kind,
        subject=row.public_id,
        photos=photos,
        most=terms.most_photos,
    )


def _why(text: str, polite: Manners, *, field: str = "text") -> str:
    return check_text(text, polite, field=field)


def _go_on(
    ctx: Context,
    row: Topic | Reply,
    owner: Member,
    why: str,
    terms: DiscussionTerms,
    *,
    is_edit: bool = False,
) -> None:
    """Publish what was written, or put it into the queue."""
    hidden = is_edit and row.state != Written.State.PUBLISHED
    if is_edit:
        row.edited_at = ctx.now
        row.revision += 1
    if not why and (hidden or terms.looked_at == "before"):
        why = str(Case.Why.NEW)
    if not why:
        appear(ctx, row, owner)
        return
    disappear(ctx, row, state=Written.State.WAITING, for_good=False)
    kind = REPLY_KIND if isinstance(row, Reply) else TOPIC_KIND
    open_case(ctx, kind=kind, subject=row.public_id, author=owner, why=why)


def _title(title: str) -> str:
    found = clean_name(title, field="title", longest=LONGEST_TITLE)
    if not found:
        raise Invalid("required", _("Give it a title."), field="title")
    return found


def _reply_text(text: str) -> str:
    found = clean_text(text, longest=LONGEST)
    if not found:
        raise Invalid("required", _("Write something."), field="text")
    return found
