"""Members who do not want to read each other."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid
from members.moderation.models import Block
from members.profiles.models import Member
from members.profiles.selectors import member_of_id, member_to_lock

_PERMISSIONS = ("moderation:write", "self:block")


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """Whether a member reads another now."""

    member: str
    other: str
    is_blocked: bool


@command(
    "moderation.block_member",
    label=_("Another member blocked"),
    permission=_PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def block_member(ctx: Context, *, member: str, other: str) -> Blocked:
    """Do not read another member any more, and let them answer one no more. They are not told.

    Raises ``NotFound`` and ``Invalid`` (oneself).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    person = member_of_id(other)
    if person.pk == row.pk:
        raise Invalid("ones_own", _("You cannot block yourself."), field="other")
    if not Block.objects.filter(member=row, other=person).exists():
        Block.objects.create(programme=ctx.programme, member=row, other=person, since=ctx.now)
    ctx.about(row.public_id, other=person.public_id)
    return Blocked(member=row.public_id, other=person.public_id, is_blocked=True)


@command(
    "moderation.unblock_member",
    label=_("Another member unblocked"),
    permission=_PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def unblock_member(ctx: Context, *, member: str, other: str) -> Blocked:
    """Read another member again. Raises ``NotFound``."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    person = member_of_id(other)
    Block.objects.filter(member=row, other=person).delete()
    ctx.about(row.public_id, other=person.public_id)
    return Blocked(member=row.public_id, other=person.public_id, is_blocked=False)
