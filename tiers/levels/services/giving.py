"""A level given by hand, with its reason and its end, and taken back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.common.public_ids import new_id
from loyalty.engine.database import DatabaseWorld
from members.profiles.models import Member
from members.profiles.rules.names import clean_name
from members.profiles.selectors import member_to_lock
from tiers.levels.mechanic import GIVEN, TAKEN
from tiers.levels.results import LevelResult
from tiers.levels.rules.presence import present
from tiers.levels.services.moving import move


@command(
    "levels.give_level",
    label=_("Level given by hand"),
    permission="levels:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def give_level(
    ctx: Context, *, member: str, level: str, reason: str, until: datetime | None = None
) -> LevelResult:
    """Give a member a level: whatever counts, they do not fall below it until then.

    It is a floor and no ceiling: what they earn above it counts at once. Another one takes its place.

    Args:
        level: code of a level of the ladder the member is on.
        until: when it is over, aware; ``None``: when somebody takes it back.

    Raises ``NotFound`` (member, level), ``Invalid`` (``reason``, ``until``) and ``Refused``
    (``member_not_active``, ``no_ladder``).
    """
    row = _active(ctx)
    text = clean_name(reason, field="reason")[:200]
    if not text:
        raise Invalid("required", _("Say why it is given."), field="reason")
    if until is not None and (until.tzinfo is None or until <= ctx.now):
        raise Invalid("in_the_past", _("Choose a day in the future."), field="until")
    world = DatabaseWorld.within(ctx, row)
    found = present(world)
    if found is None:
        raise Refused("no_ladder", _("No ladder of levels is live for this member."))
    if not found.ladder.rank(level):
        raise NotFound("level_not_found", _("There is no such level."), field="level")
    return move(
        ctx,
        world,
        row,
        GIVEN,
        key=new_id("act"),
        level=level,
        text=text,
        until=until.isoformat() if until else None,
        by=ctx.actor.label[:200],
    )


@command(
    "levels.end_given_level",
    label=_("Level given by hand taken back"),
    permission="levels:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def end_given_level(ctx: Context, *, member: str, reason: str = "") -> LevelResult:
    """Take a level given by hand back: what the member earned themselves counts again.

    Raises ``NotFound`` (member) and ``Refused`` (``nothing_given``, ``no_ladder``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    world = DatabaseWorld.within(ctx, row)
    found = present(world)
    if found is None:
        raise Refused("no_ladder", _("No ladder of levels is live for this member."))
    if found.standing.gift is None:
        raise Refused("nothing_given", _("No level was given to this member."), field="member")
    text = clean_name(reason, field="reason")[:200]
    return move(ctx, world, row, TAKEN, key=new_id("act"), text=text)


def _active(ctx: Context) -> Member:
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    return row
