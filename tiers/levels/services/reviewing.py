"""The review of one member's level."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.public_ids import new_id
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.statuses import status_of
from members.profiles.models import Member
from members.profiles.selectors import member_of_id, member_to_lock
from tiers.levels.mechanic import REVIEW, TOGETHER
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


@command(
    "levels.look_again",
    label=_("Level looked at again"),
    permission="levels:review",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def look_again(ctx: Context, *, member: str, other: str = "") -> LevelResult:
    """What counts for a member changed without an activity of theirs: they may stand higher now.

    Args:
        other: public id of a card merged into this one, whose level comes along.

    Raises ``NotFound``.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    world = DatabaseWorld.within(ctx, row)
    gone = row.state in (Member.State.MERGED, Member.State.ERASED)
    if gone or ladder_for(rules_of(world), Facts(world)) is None:
        return result_of(world, before="")
    brought = status_of(member_of_id(other), STATUS) if other else None
    standing = dict(brought.data) if brought else {}
    return move(ctx, world, row, TOGETHER, key=new_id("act"), standing=standing)
