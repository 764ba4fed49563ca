"""Members' cards at partners: opened by the partner's reference, closed, never by their number."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Partner, PartnerCard
from campaigns.partners.services.partners import partner_to_lock
from campaigns.partners.services.presenting import card_view
from campaigns.partners.services.results import CardView
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from members.profiles.models import Member
from members.profiles.selectors import member_of_id

MAX_REFERENCE = 80


def _known_reference(
    call: Call, error: IntegrityError, *, partner: str, member: str, reference: str, **_rest: Any
) -> CardView:
    """The same card again is the same card; another member's is refused."""
    rows = PartnerCard.objects.select_related("partner", "member")
    row = rows.filter(partner__public_id=partner, reference=reference.strip()).first()
    if row is None:
        raise error
    if row.member.public_id != member:
        raise Conflict(
            "card_of_another", _("This reference is another member's card."), field="reference"
        ) from error
    return card_view(row)


@command(
    "partners.open_card",
    label=_("Partner's card opened"),
    permission="partner_cards:write",
    lock=lambda *, partner, **_rest: partner_to_lock(partner),
    recover=_known_reference,
)
def open_card(
    ctx: Context,
    *,
    partner: str,
    member: str,
    reference: str,
    opened_on: date | None = None,
    person: str = "",
) -> CardView:
    """Bind a member's card at a partner by the partner's own reference.

    Args:
        person: the partner's id of the person, if it has one: a second card of the same person
            works towards no second sign-up bonus, whatever member it is bound to. Only a digest
            is kept.

    Raises ``NotFound``, ``Invalid`` (``card_number`` …), ``Conflict`` (``card_of_another``).
    """
    row = ctx.the_locked(Partner, code="partner_not_found", field="partner")
    owner = member_of_id(member)
    if owner.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": owner.get_state_display()},
            field="member",
        )
    text = _checked(reference)
    if PartnerCard.objects.filter(partner=row, reference=text).exists():
        raise IntegrityError("partner_card_once")
    today = local_day(ctx.now, ctx.programme.timezone)
    day = opened_on or today
    if day > today:
        raise Invalid("in_the_future", _("This day lies in the future."), field="opened_on")
    digest = _person(ctx, person)
    card: PartnerCard = PartnerCard.objects.create(
        programme=ctx.programme,
        partner=row,
        member=owner,
        reference=text,
        person=digest,
        is_first=not _had_one(row, owner, digest),
        opened_on=day,
        created_at=ctx.now,
    )
    ctx.about(card.public_id, partner=row.public_id, member=owner.public_id)
    return card_view(card)


def _had_one(partner: Partner, owner: Member, person: str) -> bool:
    """Did this account, or this person, ever have a card of the partner's?"""
    same = Q(member__holder=owner.holder_id) | Q(member__merged_into=owner.pk)
    if person:
        same |= Q(person=person)
    return PartnerCard.objects.filter(same, partner=partner).exists()


def _person(ctx: Context, person: str) -> str:
    text = person.strip()
    if not text:
        return ""
    if len(text) > MAX_REFERENCE:
        raise Invalid("too_long", _("Give at most %(n)s characters.") % {"n": 80}, field="person")
    return hashlib.sha256(f"{ctx.programme.public_id}/{text}".encode()).hexdigest()


def _checked(reference: str) -> str:
    text = reference.strip()
    if not 1 <= len(text) <= MAX_REFERENCE or not text.isprintable():
        raise Invalid("required", _("Give 1 to 80 printable characters."), field="reference")
    digits = [int(one) for one in text if one.isascii() and one.isdigit()]
    bare = "".join(one for one in text if one not in " -")
    if bare.isascii() and bare.isdigit() and 13 <= len(digits) <= 19 and _luhn(digits):
        raise Invalid(
            "card_number",
            _("This looks like the number of a card. Send the partner's own reference instead."),
            field="reference",
        )
    return text


def _luhn(digits: list[int]) -> bool:
    """The check sum that every payment card's number meets."""
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def find_card(partner: Partner, reference: str) -> PartnerCard:
    """A card by the partner's reference. Raises ``NotFound``."""
    rows = PartnerCard.objects.select_related("partner", "member")
    found: PartnerCard | None = rows.filter(partner=partner, reference=reference.strip()).first()
    if found is None:
        raise NotFound("card_not_found", _("No member has this card."), field="card")
    return found
