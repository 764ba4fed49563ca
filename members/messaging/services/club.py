"""Joining the e-mail club in two steps, choosing what about, and leaving in one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound, Refused
from loyalty.outbox.services import publish
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.messaging import selectors
from members.messaging.models import Delivery, Subscription
from members.messaging.results import ClubView, Stopped, club_view
from members.messaging.rules import (
    COOL_DOWN,
    MARKETING,
    TOPIC_NAMES,
    Asked,
    clean_topics,
    read_confirm_token,
    topic_purpose,
)
from members.profiles.models import Member
from members.profiles.rules.consents import TERMS, Trail, address_hash, network_of, purpose
from members.profiles.rules.names import normalise_email
from members.profiles.selectors import identifier_owner, member_to_lock
from members.profiles.services import (
    ConsentGiven,
    NewMember,
    add_identifier,
    append_consent,
    enrol_member,
)

PERMISSIONS = ("messaging:write", "members:write", "self:club")
State = Subscription.State


@command(
    "club.ask",
    label=_("Asked to confirm the e-mail club"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def ask(
    ctx: Context,
    *,
    member: str,
    topics: Iterable[str] = TOPIC_NAMES,
    source: str = "",
    network: str = "",
) -> ClubView:
    """Write to a member's address and ask whether they want to be in the club. It joins nobody.

    Who is in it is not asked again; who was asked is asked again after ten minutes at the soonest.

    Raises ``NotFound``, ``Invalid`` (topics), ``Refused`` (``member_not_active``, ``no_email``).
    """
    row = _active(ctx)
    wanted, address = clean_topics(topics), selectors.email_of(row)
    if not address:
        raise Refused(
            "no_email", _("There is no e-mail address on this card. Add one first."), field="member"
        )
    known = selectors.subscription_of(row) or Subscription(
        programme=ctx.programme, member=row, asked_at=ctx.now
    )
    same = known.address == address
    if known.state == State.CONFIRMED and same and not known.stopped_at:
        return club_view(row.public_id, known)
    if known.letter_at and same and known.letter_at > ctx.now - COOL_DOWN:
        return club_view(row.public_id, known)
    known.state, known.address, known.topics = State.ASKED, address, wanted
    known.asked_at = known.letter_at = ctx.now
    known.save()
    # Addresses stay out of events: whoever sends the letter reads it anew.
    told: dict[str, Any] = {"member": row.public_id, "topics": wanted, "source": source[:60]}
    told["network"] = network_of(network)
    publish(ctx, "club.asked", subject=row.public_id, data=told)
    ctx.about(row.public_id, state="asked")
    return club_view(row.public_id, known, letter_sent=True)


def confirm(*, programme: Programme, token: str) -> ClubView:
    """What a confirmation link does when its button is pressed: the address is in the club.

    Who has no card yet gets one; who gave it with their card gets it onto that. Pressing twice does it once.

    Raises ``Refused`` (``link_broken``, ``link_expired``, ``link_void``: the card is gone, the address
    is another's or no longer on the card, or they left since).
    """
    asked = read_confirm_token(token, programme=programme.public_id, now=clock_now())
    key = f"club:{hashlib.sha256(token.encode()).hexdigest()[:40]}"
    actor = job_actor(programme, "e-mail club")
    with in_programme(programme):
        member = _whose(asked)
    if member is None:
        person = NewMember(
            email=asked.address,
            language=asked.language,
            verified=("email",),
            channel="portal",
            consents=(ConsentGiven(purpose=TERMS),),
        )
        member = enrol_member(Call(actor, f"{key}:enrol"), person=person).member
    return confirm_member(
        Call(actor, f"{key}:confirm"),
        member=member,
        address=asked.address,
        topics=asked.topics,
        source=asked.source,
        network=asked.network,
        asked_at=asked.at.isoformat(),
        **({"is_new": True} if asked.is_new else {}),
    )


def _whose(asked: Asked) -> str | None:
    """The card that has the address now; ``None`` where a new one may be made."""
    owner = identifier_owner("email", asked.address)
    if owner is None and not asked.member:
        return None
    living = selectors.living(asked.member) if asked.member else owner
    if owner is None and asked.is_new:
        owner = living
    if living is None or owner is None or living.pk != owner.pk:
        raise _void()
    known = selectors.subscription_of(owner)
    if known is not None and known.left_at and asked.at <= known.left_at:
        raise _void()  # before the key: the first press would be answered again
    return owner.public_id


@command(
    "club.confirm",
    label=_("E-mail club confirmed"),
    permission="messaging:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def confirm_member(
    ctx: Context,
    *,
    member: str,
    address: str,
    topics: tuple[str, ...],
    source: str,
    network: str,
    asked_at: str,
    is_new: bool = False,
) -> ClubView:
    """Put a member in the club, with the consents that prove it. Only a link that was sent gets here.

    Raises ``NotFound``, ``Refused`` (``member_not_active``, ``link_void``).
    """
    row = _active(ctx)
    known = selectors.subscription_of(row) or Subscription(
        programme=ctx.programme, member=row, asked_at=ctx.now
    )
    if known.left_at and datetime.fromisoformat(asked_at) <= known.left_at:
        raise _void()
    if known.state == State.CONFIRMED and known.address == address and not known.stopped_at:
        return club_view(row.public_id, known)
    owner = identifier_owner("email", address)
    if not (owner is None and is_new) and (owner is None or owner.pk != row.pk):
        raise _void()
    about = address_hash(address)
    is_first = not selectors.was_confirmed(row, address_hash=about)
    add_identifier.within(ctx, member=member, kind="email", value=address, verified=True)
    known.state, known.address, known.topics = State.CONFIRMED, address, list(topics)
    known.confirmed_at, known.left_at = ctx.now, None
    known.stopped_at, known.stopped_why = None, ""
    known.save()
    trail = Trail(address=address, network=network, source=source)
    _agree(ctx, row, MARKETING, granted=True, channel="email", trail=trail)
    for topic in topics:
        one = topic_purpose(topic)
        append_consent(ctx, row, one, granted=True, channel="email", trail=trail)
    event = "club.joined" if is_first else "club.rejoined"
    publish(ctx, event, subject=row.public_id, data={"member": row.public_id})
    ctx.about(row.public_id, state="confirmed", first=is_first)
    return club_view(row.public_id, known)


@command(
    "club.choose_topics",
    label=_("Topics of the e-mail club chosen"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def choose_topics(
    ctx: Context, *, member: str, topics: Iterable[str], source: str = "", network: str = ""
) -> ClubView:
    """Choose what one is written to about. Raises ``NotFound``, ``Invalid``, ``Refused`` (``not_in_club``)."""
    row = _active(ctx)
    known, wanted = selectors.subscription_of(row), clean_topics(topics)
    if known is None or known.state != State.CONFIRMED:
        raise Refused(
            "not_in_club",
            _("This address is not in the e-mail club. Join it first."),
            field="member",
        )
    trail = Trail(address=known.address, network=network, source=source)
    for topic in TOPIC_NAMES:
        if (topic in wanted) != (topic in known.topics):
            granted = topic in wanted
            one = topic_purpose(topic)
            append_consent(ctx, row, one, granted=granted, channel="preferences", trail=trail)
    known.topics = wanted
    known.save(update_fields=["topics"])
    ctx.about(row.public_id, topics=wanted)
    return club_view(row.public_id, known)


@command(
    "club.leave",
    label=_("E-mail club left"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def leave(
    ctx: Context, *, member: str, source: str = "", network: str = "", newsletter: str = ""
) -> ClubView:
    """Stop all letters of the club at once; doing it again changes nothing. Links sent before are void.

    Args:
        newsletter: whose link it was, for its figures.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    known = selectors.subscription_of(row)
    trail = Trail(address=known.address if known else "", network=network, source=source)
    _agree(ctx, row, MARKETING, granted=False, channel="unsubscribe", trail=trail)
    if known is not None and known.state != State.LEFT:
        known.state, known.left_at = State.LEFT, ctx.now
        known.save(update_fields=["state", "left_at"])
        publish(ctx, "club.left", subject=row.public_id, data={"member": row.public_id})
    if newsletter:
        rows = Delivery.objects.filter(newsletter__public_id=newsletter, left_at=None)
        rows.filter(member=row).update(left_at=ctx.now)
    ctx.about(row.public_id, state="left")
    return club_view(row.public_id, known)


@command(
    "club.stop_address", label=_("Letters to an address stopped"), permission="messaging:write"
)
def stop_address(ctx: Context, *, address: str, kind: str) -> Stopped:
    """A letter came back for good (``bounce``) or was called spam (``complaint``): send no more there.

    A complaint also withdraws the consent. Raises ``Invalid`` (address).
    """
    clean = normalise_email(address)
    rows = list(Subscription.objects.select_related("member").filter(address=clean))
    for row in rows:
        row.stopped_at, row.stopped_why = ctx.now, kind
        if kind == "complaint" and row.state != State.LEFT:
            row.state, row.left_at = State.LEFT, ctx.now
            trail = Trail(address=clean, source="complaint")
            _agree(ctx, row.member, MARKETING, granted=False, channel="unsubscribe", trail=trail)
        row.save()
    ctx.about("", kind=kind, found=len(rows))
    return Stopped(kind=kind, found=len(rows))


def _agree(
    ctx: Context, row: Member, code: str, *, granted: bool, channel: str, trail: Trail
) -> None:
    append_consent(ctx, row, purpose(code), granted=granted, channel=channel, trail=trail)


def _active(ctx: Context) -> Member:
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    return row


def _void() -> Refused:
    return Refused(
        "link_void", _("This link no longer stands for an address. Ask anew."), field="token"
    )


def living_or_not_found(member: str) -> Member:
    """The card a letter's link is about now. Raises ``NotFound`` where nobody is left."""
    found = selectors.living(member)
    if found is None:
        raise NotFound("member_not_found", _("No such member in this programme."), field="member")
    return found
