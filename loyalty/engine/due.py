"""Due work that belongs to every asset: lots that ripen, lapse and expire by themselves.

A balance is exact to the instant without it (see ``ledger.selectors.balances``): this writes the
lines that say so, and tells the outside.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.results import BalanceView, balance_views
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What happened by itself: how many lines were written, and the balances after them."""

    member: str
    lines: int
    balances: tuple[BalanceView, ...]


@command(
    "engine.settle",
    label=_("Due balances settled"),
    permission="ledger:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def settle(ctx: Context, *, member: str) -> Settled:
    """Let happen what is due for the holder of a member: ripening, lapsing, expiry."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    world = DatabaseWorld.within(ctx, row)
    result = balance_views(world.book)
    lines = len(world.book.entries)
    world.write(ctx)
    ctx.about(row.public_id, lines=lines)
    return Settled(member=row.public_id, lines=lines, balances=result)


def member_of_each(holder_ids: list[int]) -> dict[int, str]:
    """One member for each holder, by public id, for jobs that walk over holders. One query."""
    rows = Member.objects.filter(holder__in=holder_ids).exclude(state=Member.State.MERGED)
    return dict(rows.order_by("-id").values_list("holder", "public_id"))
