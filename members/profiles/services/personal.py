"""A member's rights: everything about them as a file, and being forgotten.

Erasure keeps the row as a tombstone, and the ledger with it: amounts and dates stay for the books,
the person goes. Every app that keeps personal data of its own brings a ``personal_data.py`` with
``export(member) -> dict`` and ``erase(member) -> None``; nothing central names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.commands.services import forget_noted
from loyalty.common.errors import Conflict
from loyalty.outbox.services import publish
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import every_programme
from loyalty.web.discovery import modules_named
from members.profiles.models import Identifier, Member, Note
from members.profiles.rules import cards
from members.profiles.selectors import member_to_lock
from members.profiles.services.profile import MemberAnswer, answer, save


@dataclass(frozen=True, kw_only=True)
class Export:
    """That a copy was made: ``selectors.personal_data`` reads it, and it is not kept."""

    member: str
    exported_at: datetime


@dataclass(frozen=True, kw_only=True)
class ListExport:
    """That a list was handed out."""

    exported_at: datetime


@command(
    "members.export_member_data",
    label=_("Data of a member exported"),
    permission=("members:export", "self:export"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def export_member_data(ctx: Context, *, member: str) -> Export:
    """Record that a copy of a member's data is handed out, and to whom."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    ctx.about(row.public_id)
    return Export(member=row.public_id, exported_at=ctx.now)


@command("members.export_members", label=_("List of members exported"), permission="members:export")
def export_members(ctx: Context, *, filters: dict[str, str]) -> ListExport:
    """Record that a list of members leaves the house, by whom and with which filters."""
    ctx.about("", filters=filters)
    return ListExport(exported_at=ctx.now)


@command(
    "members.read_member",
    label=_("Personal data read"),
    permission="members:read",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def read_member(ctx: Context, *, member: str, whole: bool = False, why: str = "") -> MemberAnswer:
    """Record that somebody of the platform looked at a member; ``whole``: with contacts unmasked."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    ctx.about(row.public_id, whole=whole, why=why[:200])
    return answer(row)


@command(
    "members.erase_member",
    label=_("Member erased"),
    permission=("members:erase", "self:erase"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def erase_member(ctx: Context, *, member: str) -> MemberAnswer:
    """Forget a person: name, contacts, birthday, notes and log-in go; the ledger stays.

    What they still hold is forfeited by what follows ``member.erased``. Cannot be undone.
    Raises ``NotFound``, and ``Conflict`` when there is nobody left to forget.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state == Member.State.ERASED:
        raise Conflict("already_erased", _("This card was erased before."), field="member")
    for one in (row, *Member.objects.filter(merged_into=row)):
        _blank(one)
    publish(ctx, "member.erased", subject=row.public_id, data={"member": row.public_id})
    ctx.about(row.public_id)
    return answer(row)


def _blank(member: Member) -> None:
    user_id = member.user_id
    Identifier.objects.filter(member=member).delete()
    Note.objects.filter(member=member).delete()
    forget_noted([member.public_id], "reason", command="members.hold_member")
    for module in modules_named("personal_data"):
        module.erase(member)
    blanks: dict[str, Any] = {
        "state": Member.State.ERASED,
        "user": None,
        "name": "",
        "search_name": "",
        "gender": "",
        "birthday": None,
        "timezone": "",
        "tags": [],
        "card_secret": cards.new_card_secret(),
    }
    for name, value in blanks.items():
        setattr(member, name, value)
    save(member, *blanks)
    if user_id is not None:
        _forget_login(user_id)


def _forget_login(user_id: int) -> None:
    """A log-in without another card and without a job goes too, with its addresses."""
    with every_programme():
        needed = (
            Member.objects.filter(user=user_id).exists()
            or Staff.objects.filter(user=user_id).exists()
        )
        if not needed:
            User.objects.filter(pk=user_id, is_staff=False, is_superuser=False).delete()
