"""Two cards become one, and two again: memberships go along.

Where both cards are in one plan, the membership that runs longer goes on and gets the time the other
was paid for; the other ends, and comes back with that time when the cards are parted again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from members.profiles.models import Member
from tiers.memberships import selectors
from tiers.memberships.models import Membership, Period
from tiers.memberships.results import Moved
from tiers.memberships.rules import ACTIVE, ENDED, HOLDING, PAUSED, TRIAL, WAITING
from tiers.memberships.services.keeping import (
    begin_period,
    count_from,
    drop_bill,
    end,
    keep,
    look_next,
    sync_status,
)


@command(
    "memberships.hand_over",
    label=_("Memberships moved to another card"),
    permission="memberships:settle",
    lock=lambda *, to, of, **_rest: Lock(
        rows=Member.objects.select_related("holder").filter(public_id__in=[to, of]),
        of=("self", "holder"),
    ),
)
def hand_over(ctx: Context, *, to: str, of: str, back: bool = False) -> Moved:
    """Two cards became one (or, ``back``, two again): memberships go along."""
    both = {one.public_id: one for one in ctx.locked if isinstance(one, Member)}
    person = both[to]
    rows = selectors.memberships().filter(member__public_id=of)
    moved = list((rows.filter(original=person) if back else rows).order_by("id"))
    for row in moved:
        if not back and row.state != ENDED:
            _make_room(ctx, row, person)
        row.original = None if back else (row.original or row.member)
        row.member = person
        row.save(update_fields=["member", "original"])
    if back:
        _part(ctx, moved, both[of])
    for one in both.values() if moved else ():
        sync_status(ctx, one)
    ctx.about(person.public_id, of=of)
    return Moved(member=person.public_id, memberships=len(moved))


def _make_room(ctx: Context, row: Membership, person: Member) -> None:
    """One membership in a plan: of two the longer, with the paid rest of the other."""
    mine = [one for one in selectors.memberships_of(person) if one.family == row.family]
    mine = [one for one in mine if not selectors.is_unpaid_gift(one)]
    if not mine or selectors.is_unpaid_gift(row):
        return
    (other,) = mine
    kept, folded = (row, other) if _runs_until(row, ctx) > _runs_until(other, ctx) else (other, row)
    rest = _paid_rest(ctx, folded)
    folded.left_seconds, folded.folded_into = int(rest.total_seconds()), kept
    folded.ends_at = ctx.now
    end(ctx, folded, why="merged")
    if rest:
        drop_bill(ctx, kept)
        _longer(ctx, kept, rest)
        keep(ctx, kept, event="membership.changed")


def _runs_until(row: Membership, ctx: Context) -> tuple[bool, datetime]:
    until = ctx.now + timedelta(seconds=row.left_seconds) if row.state == PAUSED else row.ends_at
    return row.state in HOLDING, until or ctx.now


def _paid_rest(ctx: Context, row: Membership) -> timedelta:
    """The time paid for that is left; what was tried or given free is not added to anything."""
    if row.state in (WAITING, TRIAL) or row.source == Membership.Source.GRANTED:
        return timedelta(0)
    return max(_runs_until(row, ctx)[1] - ctx.now, timedelta(0))


def _longer(ctx: Context, row: Membership, by: timedelta) -> None:
    last = selectors.last_period(row)
    starts_at = row.ends_at or (last.ends_at if last else ctx.now)
    is_paused = row.state == PAUSED
    begin_period(
        ctx,
        row,
        row.plan,
        kind=Period.Kind.GRANTED,
        starts_at=starts_at,
        ends_at=starts_at + by,
    )
    if is_paused:
        row.left_seconds += int(by.total_seconds())
        row.ends_at = None
        return
    if row.state == TRIAL:
        row.state = ACTIVE
    count_from(ctx, row, starts_at + by)
    look_next(row)


def _part(ctx: Context, moved: list[Membership], survivor: Member) -> None:
    """What ended for the other's sake runs again, with as much of its time as is left there."""
    folded = selectors.memberships().filter(folded_into__isnull=False, state=ENDED)
    folded = folded.select_related("folded_into__member", "folded_into__plan")
    keys = {row.pk for row in moved}
    for row in folded.filter(member__in=[survivor, *{one.member for one in moved}]).order_by("id"):
        if (row.pk in keys) != (row.folded_into_id in keys):  # else both are of one card
            _run_again(ctx, row)


def _run_again(ctx: Context, row: Membership) -> None:
    kept, rest = row.folded_into, timedelta(seconds=row.left_seconds)
    assert kept is not None
    if kept.state in HOLDING and kept.ends_at is not None:
        rest = min(rest, max(kept.ends_at - ctx.now, timedelta(0)))
    elif kept.state != PAUSED:
        rest = timedelta(0)
    row.folded_into, row.left_seconds = None, 0
    if not rest:
        row.save(update_fields=["folded_into", "left_seconds"])
        return
    if kept.state == PAUSED:
        kept.left_seconds = max(kept.left_seconds - int(rest.total_seconds()), 0)
    else:
        assert kept.ends_at is not None
        drop_bill(ctx, kept)
        count_from(ctx, kept, kept.ends_at - rest)
        look_next(kept)
    keep(ctx, kept, event="membership.changed")
    row.state, row.ended_at, row.ends_at = ACTIVE, None, ctx.now
    ends_at = ctx.now + rest
    begin_period(ctx, row, row.plan, kind=Period.Kind.GRANTED, starts_at=ctx.now, ends_at=ends_at)
    count_from(ctx, row, ends_at)
    look_next(row)
    if row.source == Membership.Source.GIFT:
        row.cancels, row.due_at = True, row.ends_at
    keep(ctx, row, event="membership.resumed")
