"""What a member bought before there was a ladder: it counts as it would have on its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.public_ids import new_id
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.effects import Applied
from loyalty.engine.facts import Facts
from loyalty.engine.models import AppliedEffect
from loyalty.engine.ports import PastSale, past_sales
from loyalty.engine.run import undo
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.levels.effects import CountForLevel, counting_effects
from tiers.levels.mechanic import TOGETHER
from tiers.levels.results import LevelResult
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.presence import ladder_for, rules_of
from tiers.levels.rules.windows import LIFETIME
from tiers.levels.services.moving import move, result_of


@command(
    "levels.count_past",
    label=_("Earlier purchases counted for the level"),
    permission="levels:review",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def count_past(ctx: Context, *, member: str) -> LevelResult:
    """Count what a member bought before their ladder was published, and see where they stand.

    Each sale counts with what is left of it, for the stretch it lies in; its effect hangs on that very
    sale, so a later refund takes it back. What is counted already is passed over. Raises ``NotFound``.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    world = DatabaseWorld.within(ctx, row)
    ladder = ladder_for(rules_of(world), Facts(world))
    gone = row.state in (Member.State.MERGED, Member.State.ERASED)
    if gone or ladder is None or not ladder.counts_past:
        return _as_it_was(world)
    sales = past_sales(row, since=_since(ladder, ctx.now))
    known = _known_effects(world, sales)
    counted = [_count(world, ladder, sale, known.get(sale.row.pk, [])) for sale in sales]
    if not any(counted):
        return _as_it_was(world)
    return move(ctx, world, row, TOGETHER, key=new_id("act"), standing={})


def _as_it_was(world: DatabaseWorld) -> LevelResult:
    found = result_of(world, before="")
    return replace(found, before=found.level)


def _count(world: DatabaseWorld, ladder: LadderTerms, sale: PastSale, done: list[Applied]) -> bool:
    if any(one.kind == CountForLevel.kind and one.memo["family"] == ladder.family for one in done):
        return False
    activity = sale.activity
    assert activity.sale is not None
    world.about(activity.public_id, activity.happened_at)
    world.row, world.activity = sale.row, activity
    facts = Facts(world, done=done)
    applied = []
    for effect in counting_effects(rules_of(world), activity, facts, family=ladder.family):
        if effect.terms.expires_at is None or effect.terms.expires_at > world.now:
            applied.append(effect.apply(world))
            world.note(applied[-1], at=activity.happened_at)
    if any(sale.portions.values()):
        undo(world, applied, activity.sale, dict(sale.portions))
    return bool(applied)


def _known_effects(world: DatabaseWorld, sales: Sequence[PastSale]) -> dict[int, list[Applied]]:
    """What the sales had for effects, by activity. Two queries for all of them."""
    keys = [sale.row.pk for sale in sales]
    rows = list(AppliedEffect.objects.filter(activity__in=keys).order_by("id"))
    found: dict[int, list[Applied]] = {}
    for row, applied in zip(rows, world.records(rows), strict=True):
        found.setdefault(row.activity_id, []).append(applied)
    return found


def _since(ladder: LadderTerms, now: datetime) -> datetime | None:
    """Before this nothing is alive any more, whatever day a stretch begins on."""
    if ladder.window.kind == LIFETIME:
        return None
    months = ladder.window.months if ladder.window.is_rolling else 12
    return now - relativedelta(months=months + 1)
