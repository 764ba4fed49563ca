"""What happens when a text appears and disappears: counts, and the activity it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.discussions.models import Reply, Topic, Written
from community.discussions.rules import PUBLISHED, REPLIED
from loyalty.commands.decorator import Context
from loyalty.common.errors import Invalid
from loyalty.common.rows import save_beside
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity, take_back_activity
from loyalty.outbox.services import publish
from members.moderation.models import Case
from members.moderation.selectors import HOLD, KEEP, REMOVE
from members.moderation.services import close_cases, show_photos
from members.profiles.models import Member
from members.profiles.rules.names import clean_name

TOPIC_KIND, REPLY_KIND = "topic", "reply"


@dataclass(frozen=True, kw_only=True)
class WrittenAnswer:
    """A topic, an idea or a reply as a command left it."""

    id: str
    topic: str
    member: str
    state: str
    revision: int


def answer(row: Topic | Reply, owner: Member | None = None) -> WrittenAnswer:
    """As a plain value."""
    topic = row.topic if isinstance(row, Reply) else row
    return WrittenAnswer(
        id=row.public_id,
        topic=topic.public_id,
        member=owner.public_id if owner else "",
        state=str(row.state),
        revision=row.revision,
    )


def appear(ctx: Context, row: Topic | Reply, owner: Member) -> None:
    """Show a text. What it earns as an activity it earns once, for as long as it stands."""
    was, is_first = row.state, row.published_at is None
    row.state, row.reason = Written.State.PUBLISHED, ""
    row.published_at = row.published_at or ctx.now
    deed = REPLIED if isinstance(row, Reply) else PUBLISHED[str(row.kind)]
    if row.activity_id is None:
        row.activity = stand(ctx, row, owner, type=deed)
    save(row)
    show_photos(row.public_id, shown=True)
    if isinstance(row, Reply) and was != Written.State.PUBLISHED:
        rows = Topic.objects.filter(pk=row.topic_id)
        rows.update(replies=F("replies") + 1, last_at=ctx.now)
    if is_first:
        publish(ctx, deed, subject=owner.public_id, data=told(row, owner))


def disappear(
    ctx: Context, row: Topic | Reply, *, state: str, reason: str = "", for_good: bool
) -> None:
    """Show a text no more. ``for_good``: what it earned is taken back."""
    was = row.state
    row.state, row.reason = state, reason
    if for_good:
        for name in ("activity", "honour"):
            lose(ctx, row, name)
    save(row)
    show_photos(row.public_id, shown=False)
    if isinstance(row, Reply) and was == Written.State.PUBLISHED:
        Topic.objects.filter(pk=row.topic_id).update(replies=F("replies") - 1)
        if for_good:
            Topic.objects.filter(best=row.pk).update(best=None)


def save(row: Topic | Reply) -> None:
    """Write a text, not what others count on it: votes, replies and when the last one came."""
    save_beside(row, "votes", "replies", "last_at")


def stand(ctx: Context, row: Topic | Reply, owner: Member, *, type: str) -> Activity | None:
    """What a text counts as; nothing for a card on hold or erased."""
    if owner.state != Member.State.ACTIVE:
        return None
    row.times += 1
    done = record_activity.within(
        ctx,
        member=owner.public_id,
        type=type,
        key=f"{row.public_id}:{row.times}",
        data={**told(row, owner), "letters": len(row.text)},
    )
    return Activity.objects.get(public_id=done.activity)


def lose(ctx: Context, row: Topic | Reply, name: str) -> None:
    """It counts as this no more: what that earned is taken back."""
    activity = getattr(row, name)
    if activity is not None:
        take_back_activity(ctx, activity)
        setattr(row, name, None)


def verdict_on(
    ctx: Context, row: Topic | Reply, owner: Member, *, verdict: str, reason: str
) -> None:
    """Carry a verdict of staff out. Raises ``Invalid`` (``verdict``, ``reason``)."""
    text = clean_name(reason, field="reason", longest=200)
    kind = REPLY_KIND if isinstance(row, Reply) else TOPIC_KIND
    if verdict == KEEP:
        if row.state != Written.State.PUBLISHED:
            row.revision += 1
            appear(ctx, row, owner)
        close_cases(ctx, kind=kind, subject=row.public_id, state=Case.State.KEPT)
    elif verdict == REMOVE:
        if not text:
            raise Invalid(
                "required", _("Say why it is removed; its author reads it."), field="reason"
            )
        row.revision += 1
        disappear(ctx, row, state=Written.State.REJECTED, reason=text, for_good=True)
        close_cases(ctx, kind=kind, subject=row.public_id, state=Case.State.REMOVED, reason=text)
        data = {**told(row, owner), "reason": text}
        publish(ctx, f"{kind}.rejected", subject=owner.public_id, data=data)
    elif verdict == HOLD:
        disappear(ctx, row, state=Written.State.WAITING, for_good=False)
    else:
        raise Invalid("unknown_choice", _("Use one of: keep, remove, hold."), field="verdict")
    ctx.about(owner.public_id, text=row.public_id, verdict=verdict, reason=text)


def told(row: Topic | Reply, owner: Member) -> dict[str, Any]:
    """What events and activities say of a text."""
    if isinstance(row, Reply):
        return {
            "member": owner.public_id,
            "reply": row.public_id,
            "topic": row.topic.public_id,
        }
    return {"member": owner.public_id, "topic": row.public_id, "kind": str(row.kind)}
