"""The review of one member's level, and how far a walk over all of them is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.tenancy.models import Programme
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.levels.mechanic import REVIEW
from tiers.levels.models import ReviewWalk
from tiers.levels.results import LevelResult
from tiers.levels.rules.keeping import STATUS
from tiers.levels.rules.presence import ladder_for, rules_of
from tiers.levels.services.moving import move, result_of

# Where no ladder is in force there is nothing to decide: asked again so much later.
_LATER = timedelta(days=1)


@command(
    "levels.review_level",
    label=_("Level reviewed"),
    permission="levels:review",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def review_level(ctx: Context, *, member: str) -> LevelResult:
    """Let happen what is due of a member's level: a review, a rise, the end of a grace or a gift.

    Whoever came first, a sale or a gift of the same instant, it is decided by what stands now.
    Raises ``NotFound``.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    world = DatabaseWorld.within(ctx, row)
    status = world.status(STATUS)
    before = status.value if status else ""
    if status is None or status.due_at is None or status.due_at > ctx.now:
        return result_of(world, before=before)
    gone = row.state in (Member.State.MERGED, Member.State.ERASED)
    if gone or ladder_for(rules_of(world), Facts(world)) is None:
        due_at = None if gone else ctx.now + _LATER
        world.set_status(STATUS, replace(status, due_at=due_at))
        world.write(ctx)
        return result_of(world, before=before)
    key = f"{row.public_id}:{status.due_at.isoformat()}"
    return move(ctx, world, row, REVIEW, key=key)


def open_walk(programme: Programme, *, due_at: datetime, total: int) -> ReviewWalk:
    """The walk that is under way, or a new one. A second worker shares it."""
    walk, _made = ReviewWalk.objects.get_or_create(
        programme=programme,
        finished_at=None,
        defaults={"due_at": due_at, "started_at": due_at, "total": total},
    )
    if not _made and walk.total < walk.done + total:
        walk.total = walk.done + total
        walk.save(update_fields=["total"])
    return walk


def note_progress(walk: ReviewWalk, *, done: int, rose: int, fell: int, failed: int) -> None:
    """So many more were looked at."""
    ReviewWalk.objects.filter(pk=walk.pk).update(
        done=F("done") + done,
        rose=F("rose") + rose,
        fell=F("fell") + fell,
        failed=F("failed") + failed,
    )


def close_walk(walk: ReviewWalk, *, at: datetime) -> None:
    """Nobody is due any more."""
    ReviewWalk.objects.filter(pk=walk.pk, finished_at=None).update(finished_at=at)
