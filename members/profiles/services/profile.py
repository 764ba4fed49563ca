"""A member's particulars: who they are, tags, notes, on hold or active.

The audit trail keeps *which* particulars changed, never their values: it outlives an erasure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Invalid, Outdated, Refused
from loyalty.outbox.services import publish
from members.profiles.models import Member, Note
from members.profiles.rules.birthdays import check_birthday
from members.profiles.rules.names import clean_name, clean_tags, clean_text, search_form
from members.profiles.selectors import member_to_lock

PERMISSIONS = ("members:write", "self:profile")


@dataclass(frozen=True, kw_only=True)
class MemberAnswer:
    """What a command on a member answers; no personal data, for it is kept with the command."""

    member: str
    state: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class ProfileChanges:
    """What to change; ``None`` leaves a particular as it is, ``clear_birthday`` forgets it."""

    name: str | None = None
    birthday: date | None = None
    clear_birthday: bool = False
    gender: str | None = None
    language: str | None = None
    timezone: str | None = None


def answer(member: Member) -> MemberAnswer:
    """The answer of a command that changed this member."""
    return MemberAnswer(member=member.public_id, state=member.state, revision=member.revision)


@command(
    "members.update_member",
    label=_("Profile changed"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def update_member(
    ctx: Context, *, member: str, changes: ProfileChanges, revision: int | None = None
) -> MemberAnswer:
    """Change particulars of a member.

    Raises ``NotFound``, ``Invalid`` (naming the field), ``Refused`` for an erased or merged card
    and ``Outdated`` (``changed_meanwhile``) when ``revision`` is not the present one.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    if revision is not None and revision != row.revision:
        raise Outdated(
            "changed_meanwhile",
            _("Somebody changed this member meanwhile. Load the page again."),
            field="revision",
            params={"revision": row.revision},
        )
    values = cleaned(changes, today=local_day(ctx.now, ctx.programme.timezone))
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        save(row, *changed)
        tell_changed(ctx, row, *changed)
    ctx.about(row.public_id, changed=changed)
    return answer(row)


@command(
    "members.hold_member",
    label=_("Card put on hold"),
    permission="members:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def hold_member(ctx: Context, *, member: str, reason: str = "") -> MemberAnswer:
    """Put a card on hold: nothing is earned or spent at a till until it is activated again.

    What the member ordered and pays for elsewhere goes on.
    """
    return _set_state(ctx, Member.State.HELD, reason=reason)


@command(
    "members.activate_member",
    label=_("Card activated"),
    permission="members:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def activate_member(ctx: Context, *, member: str) -> MemberAnswer:
    """Lift a hold."""
    return _set_state(ctx, Member.State.ACTIVE, reason="")


@command(
    "members.tag_member",
    label=_("Tags of a member changed"),
    permission="members:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def tag_member(
    ctx: Context, *, member: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()
) -> MemberAnswer:
    """Add and remove tags. Raises ``Invalid``."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    gone = set(clean_tags(remove, field="remove"))
    tags = clean_tags((*(tag for tag in row.tags if tag not in gone), *add), field="add")
    if tags != row.tags:
        row.tags = tags
        save(row, "tags")
        tell_changed(ctx, row, "tags")
    ctx.about(row.public_id, changed=["tags"])
    return answer(row)


@command(
    "members.add_note",
    label=_("Note added"),
    permission="members:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def add_note(ctx: Context, *, member: str, text: str) -> MemberAnswer:
    """Write down something about a member for colleagues. Raises ``Invalid``."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    cleaned_text = clean_text(text, field="text")
    if not cleaned_text:
        raise Invalid("empty", _("Write something."), field="text")
    Note.objects.create(
        programme=ctx.programme,
        member=row,
        author=ctx.actor.label[:200],
        text=cleaned_text,
        recorded_at=ctx.now,
    )
    ctx.about(row.public_id)
    return answer(row)


def cleaned(changes: ProfileChanges, *, today: date) -> dict[str, object]:
    """The given particulars, checked, by field name. Raises ``Invalid``."""
    values: dict[str, object] = {}
    if changes.name is not None:
        values["name"] = clean_name(changes.name)
        values["search_name"] = search_form(str(values["name"]))
    if changes.clear_birthday:
        values["birthday"] = None
    elif changes.birthday is not None:
        values["birthday"] = check_birthday(changes.birthday, today=today)
    if changes.gender is not None:
        values["gender"] = _one_of(changes.gender, Member.Gender.values, field="gender")
    if changes.language is not None:
        languages = [code for code, _name in settings.LANGUAGES]
        values["language"] = _one_of(changes.language, languages, field="language")
    if changes.timezone is not None:
        if changes.timezone and changes.timezone not in available_timezones():
            raise Invalid("unknown_time_zone", _("Unknown time zone."), field="timezone")
        values["timezone"] = changes.timezone
    return values


def check_living(member: Member) -> None:
    """Raises ``Refused`` for a card that was erased or merged into another."""
    if member.state in (Member.State.ERASED, Member.State.MERGED):
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": member.get_state_display()},
            field="member",
        )


def save(member: Member, *fields: str) -> None:
    """Write these fields and count the revision on."""
    member.revision += 1
    member.save(update_fields=[*fields, "revision"])


def tell_changed(ctx: Context, member: Member, *changed: str) -> None:
    """Publish which particulars changed."""
    public = [name for name in changed if name != "search_name"]
    data = {"member": member.public_id, "changed": public}
    publish(ctx, "member.updated", subject=member.public_id, data=data)


def _set_state(ctx: Context, state: Member.State, *, reason: str) -> MemberAnswer:
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    said = clean_name(reason, field="reason")
    if row.state != state:
        row.state = state
        save(row, "state")
        told = "member.held" if state == Member.State.HELD else "member.activated"
        publish(ctx, told, subject=row.public_id, data={"member": row.public_id})
    ctx.about(row.public_id, state=str(state), reason=said)
    return answer(row)


def _one_of(value: str, known: list[str], *, field: str) -> str:
    if value not in known:
        raise Invalid(
            "unknown_choice",
            _("Use one of: %(known)s.") % {"known": ", ".join(known)},
            field=field,
        )
    return value
