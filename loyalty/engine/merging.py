"""Cards merged and taken apart: where a member stands comes along, as each mechanic says.

Balances move with the holder. Statuses are a card's own: the mechanic they belong to makes one of two.
What the survivor had is kept beside the merged card, so that taking apart gives it back wherever
nothing happened since.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.engine.cards import JOINED, is_same
from loyalty.engine.models import MemberStatus
from loyalty.engine.plug import mechanics
from loyalty.engine.shown import SHOWN
from loyalty.engine.status import Status
from loyalty.engine.statuses import load_statuses, status_of, write_statuses
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


@command(
    "engine.join_statuses",
    label=_("Standing of merged cards joined"),
    permission="members:approve",
    lock=lambda *, survivor, **_rest: member_to_lock(survivor),
)
def join_statuses(ctx: Context, *, survivor: str, loser: str) -> int:
    """Make one standing of two; answers how many statuses changed. Raises ``NotFound``."""
    kept = ctx.the_locked(Member, code="member_not_found", field="member")
    gone = Member.objects.filter(public_id=loser, merged_into=kept).first()
    if gone is None:  # taken apart meanwhile
        return 0
    known = load_statuses([kept.pk, gone.pk])
    mine, theirs = known[kept.pk], known[gone.pk]
    if JOINED in theirs and theirs[JOINED].value == kept.public_id:
        return 0
    after: dict[str, Status] = {}
    for name, other in theirs.items():
        one = _joined(name, mine.get(name), other)
        if one is not None and one != mine.get(name):
            after[name] = one
    before = {name: mine[name].plain() if name in mine else None for name in after}
    data = {"before": before, "after": {name: one.plain() for name, one in after.items()}}
    note = Status(value=kept.public_id, since=ctx.now, data=data)
    write_statuses([(kept, after), (gone, {JOINED: note})], at=ctx.now)
    ctx.about(kept.public_id, other=loser, statuses=sorted(after))
    return len(after)


@command(
    "engine.part_statuses",
    label=_("Standing of merged cards parted"),
    permission="members:approve",
    lock=lambda *, survivor, **_rest: member_to_lock(survivor),
)
def part_statuses(ctx: Context, *, survivor: str, loser: str) -> int:
    """Give the survivor back what they had, where nothing happened since. Raises ``NotFound``."""
    kept = ctx.the_locked(Member, code="member_not_found", field="member")
    gone = Member.objects.filter(public_id=loser).exclude(merged_into=kept).first()
    note = status_of(gone, JOINED) if gone else None
    if gone is None or note is None or note.value != kept.public_id:
        return 0
    mine = load_statuses([kept.pk])[kept.pk]
    as_they_were = {
        name: before
        for name, before in note.data["before"].items()
        if name in mine and is_same(mine[name], note.data["after"][name])
    }
    had = {name: Status.read(plain) for name, plain in as_they_were.items() if plain}
    write_statuses([(kept, had)], at=ctx.now)
    news = [name for name, plain in as_they_were.items() if plain is None]
    MemberStatus.objects.filter(member=kept, name__in=news).delete()
    MemberStatus.objects.filter(member=gone, name=JOINED).delete()
    ctx.about(kept.public_id, other=loser, statuses=sorted(as_they_were))
    return len(as_they_were)


def _joined(name: str, own: Status | None, other: Status) -> Status | None:
    if name == SHOWN:
        return own if own and own.value else other
    found = (one.joined_status(name, own, other) for one in mechanics())
    return next((one for one in found if one is not None), None)
