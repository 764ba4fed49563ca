"""What staff do: decide about texts and ideas, answer as the shop; the best answer; erasure."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.discussions import selectors
from community.discussions.models import Membership, Reply, Topic, Written
from community.discussions.rules import ACCEPTED, BEST, IDEA, LONGEST, Status
from community.discussions.services.gathering import count_members
from community.discussions.services.showing import (
    REPLY_KIND,
    TOPIC_KIND,
    WrittenAnswer,
    answer,
    lose,
    save,
    stand,
    verdict_on,
)
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.outbox.services import publish
from members.moderation.models import Photo
from members.moderation.services import drop_cases, throw_photos_away
from members.profiles.models import Member
from members.profiles.rules.names import clean_name, clean_text


@command(
    "discussions.decide_topic",
    label=_("Topic decided"),
    permission="moderation:write",
    lock=selectors.author_to_lock,
)
def decide_topic(ctx: Context, *, topic: str, verdict: str, reason: str = "") -> WrittenAnswer:
    """Show a topic (``keep``), remove it with what it earned (``remove``), or hide it (``hold``)."""
    owner = ctx.the_locked(Member, code="topic_not_found", field="topic")
    row = selectors.access_topic(topic)
    verdict_on(ctx, row, owner, verdict=verdict, reason=reason)
    return answer(row, owner)


@command(
    "discussions.decide_reply",
    label=_("Reply decided"),
    permission="moderation:write",
    lock=selectors.author_to_lock,
)
def decide_reply(ctx: Context, *, reply: str, verdict: str, reason: str = "") -> WrittenAnswer:
    """The same of a reply."""
    owner = ctx.the_locked(Member, code="reply_not_found", field="reply")
    row = selectors.access_reply(reply)
    verdict_on(ctx, row, owner, verdict=verdict, reason=reason)
    return answer(row, owner)


@command(
    "discussions.set_status",
    label=_("Idea decided"),
    permission="discussions:write",
    lock=selectors.author_to_lock,
)
def set_status(ctx: Context, *, topic: str, status: str, note: str = "") -> WrittenAnswer:
    """Say what becomes of an idea; declined needs a reason, which everybody reads.

    Planned or done it is the activity ``idea.accepted``, once; new or declined again, what that
    earned is taken back. Raises ``NotFound`` and ``Invalid`` (``status``, ``note``).
    """
    owner = ctx.the_locked(Member, code="topic_not_found", field="topic")
    row, text = selectors.access_topic(topic), clean_name(note, field="note", longest=300)
    if row.kind != IDEA:
        raise Invalid("not_an_idea", _("Only ideas have a status."), field="topic")
    if status not in tuple(Status):
        raise Invalid(
            "unknown_choice",
            _("Use one of: %(choices)s.") % {"choices": ", ".join(Status)},
            field="status",
        )
    if status == Status.DECLINED and not text:
        raise Invalid("required", _("Say why; everybody reads it."), field="note")
    row.status, row.status_note = status, text
    row.revision += 1
    shown = row.state == Topic.State.PUBLISHED
    if Status(status).is_accepted and shown and row.honour_id is None:
        row.honour = stand(ctx, row, owner, type=ACCEPTED)
    elif not Status(status).is_accepted:
        lose(ctx, row, "honour")
    save(row)
    told = {"member": owner.public_id, "topic": row.public_id, "status": status, "note": text}
    publish(ctx, "idea.decided", subject=owner.public_id, data=told)
    ctx.about(owner.public_id, topic=row.public_id, status=status)
    return answer(row, owner)


@command(
    "discussions.close_topic",
    label=_("Topic closed or opened"),
    permission="discussions:write",
    lock=selectors.author_to_lock,
)
def close_topic(ctx: Context, *, topic: str, is_closed: bool = True) -> WrittenAnswer:
    """No more replies, or replies again. Raises ``NotFound``."""
    owner = ctx.the_locked(Member, code="topic_not_found", field="topic")
    row = selectors.access_topic(topic)
    row.is_closed = is_closed
    row.save(update_fields=["is_closed"])
    ctx.about(owner.public_id, topic=row.public_id, is_closed=is_closed)
    return answer(row, owner)


@command(
    "discussions.answer_as_shop",
    label=_("Answered as the shop"),
    permission="discussions:write",
    lock=selectors.author_to_lock,
)
def answer_as_shop(ctx: Context, *, topic: str, text: str) -> WrittenAnswer:
    """A reply that bears the shop's name. Raises ``NotFound`` and ``Invalid`` (``text``)."""
    owner = ctx.the_locked(Member, code="topic_not_found", field="topic")
    subject, said = selectors.access_topic(topic), clean_text(text, longest=LONGEST)
    if not said:
        raise Invalid("required", _("Write something."), field="text")
    row = Reply.objects.create(
        programme=ctx.programme,
        topic=subject,
        text=said,
        by_staff=ctx.actor.label[:200],
        state=Reply.State.PUBLISHED,
        written_at=ctx.now,
        published_at=ctx.now,
    )
    Topic.objects.filter(pk=subject.pk).update(replies=F("replies") + 1, last_at=ctx.now)
    told = {"member": owner.public_id, "topic": subject.public_id, "reply": row.public_id}
    publish(ctx, "topic.answered", subject=owner.public_id, data=told)
    ctx.about(owner.public_id, topic=subject.public_id, reply=row.public_id)
    return answer(row)


def _asker_or_author(*, topic: str, reply: str = "") -> Lock:
    """The author of the topic acts; the author of a reply is rewarded from the outbox."""
    return selectors.author_to_lock(topic=topic)


@command(
    "discussions.choose_best",
    label=_("Best answer chosen"),
    permission=("discussions:write", "self:discussions"),
    lock=_asker_or_author,
)
def choose_best(ctx: Context, *, topic: str, reply: str = "") -> WrittenAnswer:
    """Mark the reply that helped most; empty: none. Raises ``NotFound`` and ``Refused`` (one's own)."""
    owner = ctx.the_locked(Member, code="topic_not_found", field="topic")
    row = selectors.access_topic(topic)
    best = selectors.access_reply(reply) if reply else None
    if best is not None and (best.topic_id != row.pk or best.state != Reply.State.PUBLISHED):
        raise NotFound("reply_not_found", _("There is no such reply."), field="reply")
    if best is not None and best.member_id == row.member_id:
        raise Refused("ones_own", _("Choose what somebody else wrote."), field="reply")
    before = row.best.public_id if row.best else ""
    row.best = best
    row.save(update_fields=["best"])
    told = {"topic": row.public_id, "before": before, "reply": reply}
    publish(ctx, "answer.chosen", subject=owner.public_id, data=told)
    ctx.about(owner.public_id, **told)
    return answer(row, owner)


@command(
    "discussions.honour_reply",
    label=_("Best answer counted"),
    permission="discussions:write",
    lock=selectors.author_to_lock,
)
def honour_reply(ctx: Context, *, reply: str) -> WrittenAnswer:
    """Count a reply as the best answer while it is one, and no more when it is not.

    Raises ``NotFound``, also for what the shop wrote.
    """
    owner = ctx.the_locked(Member, code="reply_not_found", field="reply")
    row = selectors.access_reply(reply)
    is_best = row.topic.best_id == row.pk and row.state == Reply.State.PUBLISHED
    if is_best and row.honour_id is None:
        row.honour = stand(ctx, row, owner, type=BEST)
    elif not is_best:
        lose(ctx, row, "honour")
    save(row)
    ctx.about(owner.public_id, reply=row.public_id, is_best=is_best)
    return answer(row, owner)


def forget_author(member: Member) -> None:
    """A person is forgotten: texts stay as a former member's, or go, by the settings."""
    left = Membership.objects.filter(member=member)
    groups = [*left.order_by("group").values_list("group", flat=True)]
    left.delete()
    for group in groups:
        count_members(group)
    topics = Topic.objects.filter(member=member)
    replies = Reply.objects.filter(member=member)
    gone = Written.State.WITHDRAWN
    if selectors.discussion_terms().former == "keep":
        topics = topics.exclude(state=Written.State.PUBLISHED)
        replies = replies.exclude(state=Written.State.PUBLISHED)
    # A photo may show the person, their home, their child: it goes either way.
    kinds = (TOPIC_KIND, REPLY_KIND)
    throw_photos_away(Photo.objects.filter(member=member, kind__in=kinds))
    drop_cases([*topics.values_list("public_id", flat=True)])
    drop_cases([*replies.values_list("public_id", flat=True)])
    for reply in replies.filter(state=Reply.State.PUBLISHED):
        Topic.objects.filter(pk=reply.topic_id).update(replies=F("replies") - 1)
    replies.update(text="", reason="", state=gone)
    topics.update(title="–", text="", reason="", state=gone)
