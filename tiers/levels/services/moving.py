"""What all commands that move members share: an activity goes through the engine, once."""

from __future__ import annotations

from typing import Any

from loyalty.commands.decorator import Context
from loyalty.engine.activity import ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.models import Activity
from loyalty.engine.run import run
from members.profiles.models import Member
from tiers.levels.results import LevelResult
from tiers.levels.rules.keeping import STATUS
from tiers.levels.rules.presence import present


def move(
    ctx: Context, world: DatabaseWorld, member: Member, type: str, *, key: str, **data: Any
) -> LevelResult:
    """Record an activity about the level of the locked member and everything it has for effects."""
    before = world.status(STATUS)
    stored = Activity.objects.create(
        programme=ctx.programme,
        member=member,
        type=type,
        key=key,
        happened_at=ctx.now,
        recorded_at=ctx.now,
        merchant_id=ctx.actor.merchant_id,
        location_id=ctx.actor.location_id,
        data=data,
    )
    world.row = stored
    run(
        world,
        ActivityData(
            type=type,
            key=key,
            public_id=stored.public_id,
            happened_at=ctx.now,
            data=data,
        ),
    )
    result = result_of(world, before=before.value if before else "")
    world.write(ctx)
    ctx.about(member.public_id, level=result.level, before=result.before)
    return result


def result_of(world: DatabaseWorld, *, before: str) -> LevelResult:
    """Where the member stands in a world."""
    found, status = present(world), world.status(STATUS)
    return LevelResult(
        member=world.member.public_id,
        level=found.ladder.code(found.rank) if found else "",
        rank=found.rank if found else 0,
        before=before,
        due_at=status.due_at if status else None,
    )
