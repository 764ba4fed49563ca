"""Groups: made and changed by staff, joined and left by members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.discussions import selectors
from community.discussions.models import Group, Membership
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, Outdated, Refused
from loyalty.engine.conditions import faults
from loyalty.engine.rule_values import complain, condition_faults
from loyalty.outbox.services import publish
from members.moderation.selectors import cards_of
from members.profiles.models import Member
from members.profiles.rules.names import clean_name
from members.profiles.selectors import member_to_lock

PERMISSIONS = ("discussions:write", "self:discussions")


@dataclass(frozen=True, kw_only=True)
class GroupValues:
    """A group as it is described; ``None`` leaves something as it is."""

    name: str | None = None
    about: str | None = None
    join: str | None = None
    conditions: list[dict[str, Any]] | None = None
    is_private: bool | None = None
    is_archived: bool | None = None


@dataclass(frozen=True, kw_only=True)
class GroupAnswer:
    """A group."""

    id: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class MembershipAnswer:
    """Where a member stands with a group: ``in``, ``asked``, ``out`` or empty."""

    group: str
    member: str
    standing: str


def _name_taken(call: Call, error: IntegrityError, **_rest: Any) -> NoReturn:
    raise Conflict(
        "name_taken", _("Another group has this name. Choose another."), field="name"
    ) from error


@command(
    "discussions.make_group",
    label=_("Group made"),
    permission="discussions:write",
    recover=_name_taken,
)
def make_group(ctx: Context, *, values: GroupValues) -> GroupAnswer:
    """Make a group. Raises ``Invalid`` by field and ``Conflict`` (name)."""
    row = _described(Group(programme=ctx.programme, made_at=ctx.now), values)
    row.save()
    ctx.about(row.public_id, name=row.name)
    return GroupAnswer(id=row.public_id, revision=row.revision)


@command(
    "discussions.save_group",
    label=_("Group changed"),
    permission="discussions:write",
    lock=lambda *, group, **_rest: Lock(rows=Group.objects.filter(public_id=group)),
    recover=_name_taken,
)
def save_group(
    ctx: Context, *, group: str, values: GroupValues, revision: int | None = None
) -> GroupAnswer:
    """Change a group; who is in stays in, conditions are asked whenever they write.

    Raises ``NotFound``, ``Invalid`` by field, ``Conflict`` (name) and ``Outdated``.
    """
    row = ctx.the_locked(Group, code="group_not_found", field="group")
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    _described(row, values)
    row.revision += 1
    row.save()
    ctx.about(row.public_id, name=row.name)
    return GroupAnswer(id=row.public_id, revision=row.revision)


@command(
    "discussions.ask_for_group",
    label=_("Group joined"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def ask_for_group(ctx: Context, *, member: str, group: str) -> MembershipAnswer:
    """Come into a group, or ask for it where staff let people in.

    Raises ``NotFound`` and ``Refused`` (conditions do not hold; was not let in; card not active).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    shown = selectors.group_of(selectors.access_group(group), row)
    if row.state != Member.State.ACTIVE:
        raise Refused("member_not_active", _("This card is not active."), field="member")
    if not shown.fits:
        raise Refused(
            "not_for_you",
            _("This group is for: %(whom)s.") % {"whom": shown.for_whom or "–"},
            field="group",
        )
    if shown.standing == Membership.State.OUT:
        raise Refused("not_let_in", _("The shop did not let you in."), field="group")
    standing = shown.standing
    if not standing:
        waits = shown.group.join == Group.Join.APPROVAL
        state = Membership.State.ASKED if waits else Membership.State.IN
        Membership.objects.create(
            programme=ctx.programme, group=shown.group, member=row, state=state, since=ctx.now
        )
        count_members(shown.group.pk)
        standing = str(state)
        told = {"member": row.public_id, "group": group, "standing": standing}
        publish(ctx, "group.joined", subject=row.public_id, data=told)
    ctx.about(row.public_id, group=group, standing=standing)
    return MembershipAnswer(group=group, member=row.public_id, standing=standing)


@command(
    "discussions.leave_group",
    label=_("Group left"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def leave_group(ctx: Context, *, member: str, group: str) -> MembershipAnswer:
    """Leave a group; what one wrote there stays. Raises ``NotFound``."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    room = selectors.access_group(group)
    mine = Membership.objects.filter(group=room, member__in=cards_of(row))
    mine.exclude(state=Membership.State.OUT).delete()
    count_members(room.pk)
    ctx.about(row.public_id, group=group)
    return MembershipAnswer(group=group, member=row.public_id, standing="")


def _membership_to_lock(*, membership: str, **_rest: Any) -> Lock:
    rows = Membership.objects.select_related("member", "group").filter(public_id=membership)
    return Lock(rows=rows, of=("self",))


@command(
    "discussions.decide_membership",
    label=_("Let into a group or not"),
    permission="discussions:write",
    lock=_membership_to_lock,
)
def decide_membership(ctx: Context, *, membership: str, is_in: bool) -> MembershipAnswer:
    """Let somebody into a group, or put them out. Raises ``NotFound``."""
    row = ctx.the_locked(Membership, code="membership_not_found", field="membership")
    row.state = Membership.State.IN if is_in else Membership.State.OUT
    row.since = ctx.now
    row.save(update_fields=["state", "since"])
    count_members(row.group_id)
    told = {
        "member": row.member.public_id,
        "group": row.group.public_id,
        "standing": str(row.state),
    }
    publish(ctx, "group.decided", subject=row.member.public_id, data=told)
    ctx.about(row.member.public_id, group=row.group.public_id, is_in=is_in)
    return MembershipAnswer(**told)


def count_members(group: int) -> None:
    """Write how many are in a group, by its key."""
    rows = Group.objects.filter(pk=group)
    # The group's row first: who comes or goes meanwhile is waited for, and then counted.
    rows.update(members=F("members"))
    inside = Membership.objects.filter(group=group, state=Membership.State.IN)
    rows.update(members=inside.count())


def _described(row: Group, values: GroupValues) -> Group:
    if values.name is not None or not row.name:
        row.name = clean_name(values.name or "", longest=80)
        if not row.name:
            raise Invalid("required", _("Give the group a name."), field="name")
    if values.about is not None:
        row.about = clean_name(values.about, field="about", longest=300)
    if values.join is not None:
        if values.join not in Group.Join.values:
            raise Invalid(
                "unknown_choice",
                _("Use one of: %(choices)s.") % {"choices": ", ".join(Group.Join.values)},
                field="join",
            )
        row.join = values.join
    if values.conditions is not None:
        whom = values.conditions
        complain([*faults(whom, field="conditions")] or condition_faults(whom, field="conditions"))
        row.conditions = values.conditions
    if row.join == Group.Join.CONDITIONS and not row.conditions:
        raise Invalid("required", _("Say for whom the group is."), field="conditions")
    if values.is_private is not None:
        row.is_private = values.is_private
    if values.is_archived is not None:
        row.state = Group.State.ARCHIVED if values.is_archived else Group.State.ACTIVE
    return row
