"""How a member is recognised: phones, e-mails, cards; and the taking of a rotating QR at a till."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.outbox.services import publish
from members.profiles.models import Identifier, Member
from members.profiles.rules import cards
from members.profiles.rules.names import clean_name, mask, normalise_email
from members.profiles.rules.phones import normalise_phone
from members.profiles.selectors import identifier_owner, identifiers_of, member_to_lock
from members.profiles.services.profile import (
    MemberAnswer,
    answer,
    check_living,
    save,
    tell_changed,
)

PERMISSIONS = ("members:write", "self:identifiers")
MOST = 20


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """Whose code it was; ``trust`` is ``present``: the member's own screen, just now."""

    member: str
    trust: str = "present"


def _taken(call: Call, error: IntegrityError, *, kind: str, value: str, **_rest: Any) -> NoReturn:
    clean = check_identifier(kind=kind, value=value, country=call.actor.programme.country)
    raise _belongs_to_another(call.actor.kind, kind, clean) from error


@command(
    "members.add_identifier",
    label=_("Contact or number added"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
    recover=_taken,
)
def add_identifier(
    ctx: Context, *, member: str, kind: str, value: str, verified: bool = False
) -> MemberAnswer:
    """Let a member be recognised by one more phone, e-mail, card or outside id.

    Args:
        verified: the member has proven it by a one-time code. Members add proven ones only, so
            that nobody collects points under a stranger's number.

    Raises ``Invalid``, ``Refused`` and ``Conflict`` (``identifier_taken``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    clean = check_identifier(kind=kind, value=value, country=ctx.programme.country)
    if ctx.actor.kind == "member" and not verified:
        raise Refused("not_proven", _("Prove it with the code we sent first."), field=kind)
    owner = identifier_owner(kind, clean)
    if owner is not None and owner.pk != row.pk:
        raise _belongs_to_another(ctx.actor.kind, kind, clean)
    if len(identifiers_of(row)) >= MOST:
        raise Invalid("too_many", _("At most %(most)s.") % {"most": MOST}, field=kind)
    known, created = Identifier.objects.get_or_create(
        kind=kind,
        value=clean,
        defaults={
            "programme": ctx.programme,
            "member": row,
            "verified_at": ctx.now if verified else None,
            "created_at": ctx.now,
        },
    )
    if verified and known.verified_at is None:
        known.verified_at = ctx.now
        known.save(update_fields=["verified_at"])
    if created:
        _changed(ctx, row, kind)
    ctx.about(row.public_id, added=kind)
    return answer(row)


@command(
    "members.remove_identifier",
    label=_("Contact or number removed"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def remove_identifier(ctx: Context, *, member: str, kind: str, value: str) -> MemberAnswer:
    """Forget one identifier. Raises ``NotFound``, and ``Refused`` for the last one."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    held = identifiers_of(row)
    found = next((one for one in held if (one.kind, one.value) == (kind, value)), None)
    if found is None:
        raise NotFound("identifier_not_found", _("This member has no such entry."), field="value")
    if len(held) == 1:
        raise Refused(
            "last_identifier",
            _("This is the only way to find this member. Add another one first."),
            field="value",
        )
    found.delete()
    _changed(ctx, row, kind)
    ctx.about(row.public_id, removed=kind)
    return answer(row)


@command(
    "members.issue_card",
    label=_("Card issued"),
    permission="members:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def issue_card(ctx: Context, *, member: str, number: str = "") -> MemberAnswer:
    """Give a member a numbered card; a printed one by its number, else a fresh number.

    Raises ``Invalid`` (not a card number of ours) and ``Conflict`` (``identifier_taken``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    given = cards.card_number(number) if number else None
    if number and given is None:
        raise _bad_card()
    if given and identifier_owner(Identifier.Kind.CARD, given) is not None:
        raise _belongs_to_another(ctx.actor.kind, Identifier.Kind.CARD, given)
    give_card(ctx, row, number=given)
    _changed(ctx, row, Identifier.Kind.CARD)
    ctx.about(row.public_id, added=str(Identifier.Kind.CARD))
    return answer(row)


@command(
    "members.renew_card_secret",
    label=_("Code of a card renewed"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def renew_card_secret(ctx: Context, *, member: str) -> MemberAnswer:
    """Make every QR shown so far worthless (a phone was lost)."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    check_living(row)
    row.card_secret = cards.new_card_secret()
    save(row, "card_secret")
    ctx.about(row.public_id, changed=["card_secret"])
    return answer(row)


def _scanned_to_lock(*, token: str) -> Lock:
    read = cards.read_token(token)
    return member_to_lock(read.member if read is not None else "")


@command(
    "members.scan_card", label=_("Card scanned"), permission="members:read", lock=_scanned_to_lock
)
def scan_card(ctx: Context, *, token: str) -> Scanned:
    """Take a rotating QR at a till: genuine, fresh, and not taken by anyone else before.

    After RFC 6238 section 5.2 a code is accepted once. The person who took it may scan it again
    within its minute, since cameras read twice and pages are reloaded.

    Raises ``NotFound``, and ``Refused``: ``code_expired``, or ``code_used`` for a second taker.
    """
    read = cards.read_token(token)
    if read is None or not ctx.locked:
        raise NotFound("card_not_found", _("This is no card of this programme."), field="token")
    row = ctx.the_locked(Member, code="card_not_found", field="token")
    if not cards.is_genuine(read, secret=row.card_secret, now=ctx.now):
        raise Refused(
            "code_expired",
            _("This code is too old. Ask for the one now on the member's screen."),
            field="token",
        )
    check_living(row)
    last = -1 if row.last_scan_step is None else row.last_scan_step
    again = read.step == last and row.last_scan_by == ctx.actor.id
    if read.step <= last and not again:
        raise Refused(
            "code_used",
            _("This code was used already. Wait for the next one, half a minute at most."),
            field="token",
        )
    row.last_scan_step, row.last_scan_by = read.step, ctx.actor.id
    row.last_seen_at = ctx.now
    row.save(update_fields=["last_scan_step", "last_scan_by", "last_seen_at"])
    ctx.about(row.public_id)
    return Scanned(member=row.public_id)


def check_identifier(*, kind: str, value: str, country: str) -> str:
    """The one spelling an identifier is kept in. Raises ``Invalid`` naming the kind."""
    if kind == Identifier.Kind.PHONE:
        return normalise_phone(value, country=country)
    if kind == Identifier.Kind.EMAIL:
        return normalise_email(value)
    if kind == Identifier.Kind.CARD:
        number = cards.card_number(value)
        if number is None:
            raise _bad_card()
        return number
    if kind == Identifier.Kind.EXTERNAL and value.strip():
        return clean_name(value, field="external")
    raise Invalid("unknown_choice", _("Use one of: phone, email, card, external."), field="kind")


def give_card(ctx: Context, member: Member, *, number: str | None = None) -> None:
    """Add a card number to a member; a drawn number that exists already is drawn again."""
    drawn = number or cards.new_card_number()
    while number is None and identifier_owner(Identifier.Kind.CARD, drawn) is not None:
        drawn = cards.new_card_number()
    Identifier.objects.create(
        programme=ctx.programme,
        member=member,
        kind=Identifier.Kind.CARD,
        value=drawn,
        verified_at=ctx.now,
        created_at=ctx.now,
    )
    publish(ctx, "card.issued", subject=member.public_id, data={"member": member.public_id})


def _bad_card() -> Invalid:
    return Invalid(
        "bad_card_number",
        _("This is no card number: a digit is missing or mistyped."),
        field="card",
    )


def _changed(ctx: Context, member: Member, kind: str) -> None:
    save(member)
    tell_changed(ctx, member, str(kind))


def _belongs_to_another(actor_kind: str, kind: str, value: str) -> Conflict:
    owner = identifier_owner(kind, value)
    # A member learns that it cannot be used here, not whose it is.
    params = {"member": owner.public_id} if owner is not None and actor_kind != "member" else {}
    return Conflict(
        "identifier_taken",
        _("%(hint)s belongs to another card.") % {"hint": mask(kind, value)},
        field=kind,
        params=params,
    )
