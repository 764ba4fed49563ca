"""Consents: append-only, each with the words that were shown."""

from __future__ import annotations

from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Refused
from loyalty.outbox.services import publish
from members.profiles.models import Consent, Member
from members.profiles.rules import consents
from members.profiles.selectors import consents_now, member_to_lock
from members.profiles.services.profile import MemberAnswer, answer

NO_TRAIL = consents.Trail()
PERMISSIONS = ("members:write", "self:consents")


@command(
    "members.give_consent",
    label=_("Consent given"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def give_consent(ctx: Context, *, member: str, purpose: str, channel: str = "till") -> MemberAnswer:
    """Record that a member agreed, with the words in their language. Raises ``Invalid``."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    record_consent(ctx, row, purpose=purpose, granted=True, channel=channel)
    return answer(row)


@command(
    "members.withdraw_consent",
    label=_("Consent withdrawn"),
    permission=PERMISSIONS,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def withdraw_consent(
    ctx: Context, *, member: str, purpose: str, channel: str = "till"
) -> MemberAnswer:
    """Record that a member no longer agrees.

    Raises ``Invalid``, and ``Refused`` for the terms: who withdraws those leaves the programme.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if consents.purpose(purpose).needed:
        raise Refused(
            "needed_to_be_a_member",
            _("The programme cannot be run without this. To withdraw it, erase the card."),
            field="purpose",
        )
    record_consent(ctx, row, purpose=purpose, granted=False, channel=channel)
    return answer(row)


def record_consent(
    ctx: Context, member: Member, *, purpose: str, granted: bool, channel: str
) -> None:
    """Append one consent; saying the same again to the same words adds nothing."""
    append_consent(ctx, member, consents.purpose(purpose), granted=granted, channel=channel)


def append_consent(
    ctx: Context,
    member: Member,
    one: consents.Purpose,
    *,
    granted: bool,
    channel: str,
    trail: consents.Trail = NO_TRAIL,
) -> None:
    """The same with what proves it; for another address than the last one it is said anew."""
    last, about = consents_now(member).get(one.code), consents.address_hash(trail.address)
    is_same = last is not None and (last.granted, last.text_version) == (granted, one.version)
    if last is not None and is_same and about in ("", last.address_hash):
        return
    text = consents.wording(one, programme=ctx.programme.name, language=member.language)
    Consent.objects.create(
        programme=ctx.programme,
        member=member,
        purpose=one.code,
        granted=granted,
        text_version=one.version,
        text=text,
        text_hash=sha256(text.encode()).hexdigest(),
        address_hash=about,
        network=consents.network_of(trail.network),
        source=trail.source[:60],
        channel=channel[:20],
        recorded_at=ctx.now,
    )
    publish(
        ctx,
        "consent.given" if granted else "consent.withdrawn",
        subject=member.public_id,
        data={"member": member.public_id, "purpose": one.code, "version": one.version},
    )
    ctx.about(member.public_id, **{f"consent_{one.code}": granted})
