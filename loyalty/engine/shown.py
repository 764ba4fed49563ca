"""The name a member shows to others: chosen by them, else their initials, and nothing of who is gone.

Leaderboards, reviews and discussions all read it here, so that one choice holds everywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.models import MemberStatus
from loyalty.engine.status import Status
from members.profiles.models import Member
from members.profiles.rules.names import clean_name
from members.profiles.selectors import member_to_lock

# Status of a member who shows a name to others. Its name is older than its second user.
SHOWN = "challenges.player"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The name a member shows; empty: initials only."""

    member: str
    name: str


def shown_name(member: Member, status: Status | None) -> str:
    """The name a member chose to show; their initials where they chose none."""
    if status is not None and status.value:
        return str(status.data["name"])
    return " ".join(f"{word[0]}." for word in member.name.split()[:3])


def shown_names(members: Collection[Member]) -> dict[int, str]:
    """The shown names of members by primary key; empty where nobody is left to name. One query."""
    rows = MemberStatus.objects.filter(member__in=[one.pk for one in members], name=SHOWN)
    chosen = {row.member_id: row.view for row in rows} if members else {}
    return {
        one.pk: "" if one.state == Member.State.ERASED else shown_name(one, chosen.get(one.pk))
        for one in members
    }


@command(
    "engine.show_name",
    label=_("Name shown to others chosen"),
    permission=("members:write", "challenges:write", "self:profile"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def show_name(ctx: Context, *, member: str, name: str) -> Shown:
    """Show a name to other members; an empty one shows initials again. Raises ``Invalid``."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    chosen = clean_name(name, field="name", longest=40)
    world = DatabaseWorld.within(ctx, row)
    status = Status(value="shown" if chosen else "", since=ctx.now, data={"name": chosen})
    world.set_status(SHOWN, status)
    world.write(ctx)
    ctx.about(row.public_id, shown=bool(chosen))
    return Shown(member=row.public_id, name=chosen)
