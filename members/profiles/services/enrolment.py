"""Joining: a new member with a holder, identifiers, consents, and a card where policy gives one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Conflict, DomainError, Invalid, NotFound, Refused
from loyalty.outbox.services import publish
from loyalty.tenancy.models import Location, Programme
from members.profiles.models import Holder, Identifier, Member
from members.profiles.rules import cards, consents
from members.profiles.rules.birthdays import check_age
from members.profiles.rules.names import clean_tags, mask, mask_name
from members.profiles.selectors import app_of_code, identifier_owner, member_to_lock
from members.profiles.services.consents import record_consent
from members.profiles.services.identifiers import check_identifier, give_card
from members.profiles.services.profile import MemberAnswer, ProfileChanges, answer, cleaned, save


@dataclass(frozen=True, kw_only=True)
class ConsentGiven:
    """One purpose a joining member agreed to, in the version of the text they saw."""

    purpose: str
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class NewMember:
    """Who joins.

    Args:
        verified: kinds of identifiers the member has proven (``email`` by a one-time code).
        joined_at: when, for members brought along from an older scheme.
        channel: where they joined: ``till``, ``portal``, ``api``, ``import`` …
        code: what they brought along, such as a friend's invitation; an app's ``joining.py`` takes it.
        device: a mark of the device they joined on (a random cookie); apps keep it hashed if at all.
        user_id: the log-in that holds the card.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    card: str = ""
    external: str = ""
    birthday: date | None = None
    gender: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    consents: tuple[ConsentGiven, ...] = ()
    verified: tuple[str, ...] = ()
    location: str = ""
    channel: str = "till"
    joined_at: datetime | None = None
    user_id: int | None = None
    code: str = ""
    device: str = ""


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """The new member's public id."""

    member: str


def _already_known(call: Call, error: IntegrityError, *, person: NewMember) -> NoReturn:
    """Two tills enrolled the same person at once, or the log-in holds a card already."""
    for kind, value in identifiers(person, programme=call.actor.programme):
        owner = identifier_owner(kind, value)
        if owner is not None:
            raise _known(owner, kind, value) from error
    raise Conflict(
        "already_a_member", _("This log-in has a card in this programme already.")
    ) from error


@command(
    "members.enrol_member",
    label=_("Member enrolled"),
    permission="members:write",
    recover=_already_known,
)
def enrol_member(ctx: Context, *, person: NewMember) -> Enrolled:
    """Enrol a member.

    Raises ``Invalid`` (naming the field), ``Refused`` (too young, programme closed) and
    ``Conflict`` (``already_a_member``: phone, e-mail or card belongs to a member, in whichever
    spelling; ``params`` name that member and a masked hint). A code given is taken by the app that
    knows it, which may refuse it (field ``code``); one nobody knows is ``NotFound``.
    """
    programme = ctx.programme
    if not programme.is_open and person.channel == "portal":
        raise Refused("programme_closed", _("This programme takes no new members at present."))
    recognised = identifiers(person, programme=programme)
    gives_card = programme.card_policy == Programme.CardPolicy.JOINING and not person.card
    if not recognised and person.user_id is None and not gives_card:
        raise Invalid(
            "no_identifier",
            _("Give a phone number, an e-mail address or a card number."),
            field="phone",
        )
    for kind, value in recognised:
        owner = identifier_owner(kind, value)
        if owner is not None:
            raise _known(owner, kind, value)
    member = _row(ctx, person)
    Identifier.objects.bulk_create(
        Identifier(
            programme=programme,
            member=member,
            kind=kind,
            value=value,
            verified_at=ctx.now if kind in person.verified else None,
            created_at=ctx.now,
        )
        for kind, value in recognised
    )
    for given in person.consents:
        _check_version(given)
        record_consent(ctx, member, purpose=given.purpose, granted=True, channel=person.channel)
    if gives_card:
        give_card(ctx, member)
    if person.code.strip():
        app = app_of_code(person.code)
        app.joined(ctx, member=member, code=person.code, device=person.device)
    publish(
        ctx,
        "member.joined",
        subject=member.public_id,
        data={"member": member.public_id, "channel": member.joined_through},
    )
    ctx.about(member.public_id, channel=member.joined_through)
    return Enrolled(member=member.public_id)


@command(
    "members.link_login",
    label=_("Log-in linked to a card"),
    permission="members:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def link_login(ctx: Context, *, member: str, user_id: int, proven: str = "email") -> MemberAnswer:
    """Give a card enrolled at the till to the log-in that proved its identifier.

    Raises ``Conflict`` when another log-in holds it.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.user_id not in (None, user_id):
        raise Conflict("card_taken", _("Another log-in holds this card."), field="member")
    if row.user_id is None:
        row.user_id = user_id
        save(row, "user")
    unproven = Identifier.objects.filter(member=row, kind=proven, verified_at__isnull=True)
    unproven.update(verified_at=ctx.now)
    ctx.about(row.public_id, linked=True)
    return answer(row)


def identifiers(person: NewMember, *, programme: Programme) -> list[tuple[str, str]]:
    """What the new member will be recognised by, in its one spelling. Raises ``Invalid``."""
    given = (
        (Identifier.Kind.PHONE, person.phone),
        (Identifier.Kind.EMAIL, person.email),
        (Identifier.Kind.CARD, person.card),
        (Identifier.Kind.EXTERNAL, person.external),
    )
    return [
        (str(kind), check_identifier(kind=kind, value=value, country=programme.country))
        for kind, value in given
        if value.strip()
    ]


def _row(ctx: Context, person: NewMember) -> Member:
    today = local_day(ctx.now, ctx.programme.timezone)
    if person.birthday is not None and person.channel == "portal":
        check_age(person.birthday, today=today, minimum=ctx.programme.minimum_age)
    particulars = ProfileChanges(
        name=person.name,
        birthday=person.birthday,
        gender=person.gender,
        language=person.language or ctx.programme.language,
    )
    joined_at = person.joined_at or ctx.now
    if joined_at > ctx.now:
        raise Invalid("in_the_future", _("This lies in the future."), field="joined_at")
    member = Member(
        programme=ctx.programme,
        holder=Holder.objects.create(programme=ctx.programme),
        user_id=person.user_id,
        tags=clean_tags(person.tags),
        card_secret=cards.new_card_secret(),
        joined_at=joined_at,
        joined_merchant_id=ctx.actor.merchant_id,
        joined_location_id=_location(person.location) or ctx.actor.location_id,
        joined_through=person.channel[:20],
        **cleaned(particulars, today=today),
    )
    member.save(force_insert=True)
    return member


def _location(public_id: str) -> int | None:
    if not public_id:
        return None
    found = Location.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("location_not_found", _("Not found in this programme."), field="location")
    return int(found.pk)


def _check_version(given: ConsentGiven) -> None:
    current = consents.purpose(given.purpose).version
    if given.version and given.version != current:
        raise Conflict(
            "text_changed",
            _("The text was reworded meanwhile. Read it again before you agree."),
            field="consents",
            params={"version": current},
        )


def _known(owner: Member, kind: str, value: str) -> DomainError:
    return Conflict(
        "already_a_member",
        _("%(hint)s is a member already: %(name)s.")
        % {"hint": mask(kind, value), "name": mask_name(owner.name) or _("no name")},
        field=kind,
        params={"member": owner.public_id, "hint": mask(kind, value)},
    )
