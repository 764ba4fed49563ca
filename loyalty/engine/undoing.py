"""Taking back an activity other than a sale: it did not happen after all."""

from __future__ import annotations

from loyalty.commands.decorator import Context
from loyalty.engine.activity import Sale
from loyalty.engine.database import DatabaseWorld, save_undone
from loyalty.engine.effects import Undone
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.engine.run import undo
from members.profiles.models import Member


def undo_activity(ctx: Context, member: Member, activity: str) -> list[Undone]:
    """Undo all that an activity (by public id) of the locked member had for effects, newest first.

    Each by the rule of that day; what was undone before stays so.
    """
    row = Activity.objects.get(public_id=activity)
    world = DatabaseWorld.within(ctx, member, location_id=row.location_id)
    world.row = row
    world.about(row.public_id, ctx.now)
    effects = world.records(AppliedEffect.objects.filter(activity=row).order_by("id"))
    undone = undo(world, effects, Sale(currency=ctx.programme.currency, lines=()), {})
    world.write(ctx)
    save_undone(undone)
    return undone
