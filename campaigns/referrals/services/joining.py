"""Joining by a friend's code: at the moment of joining, or a little later where it was forgotten."""

from __future__ import annotations

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.referrals import selectors
from campaigns.referrals.models import Referral, ReferralProgramme
from campaigns.referrals.results import ReferralView, referral_view
from campaigns.referrals.rules.suspicions import suspicions
from campaigns.referrals.rules.terms import ReferralTerms
from campaigns.referrals.services.codes import hashed_device
from campaigns.referrals.services.keeping import keep
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.errors import NotFound, Refused
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


def _invited_already(call: Call, error: IntegrityError, **_kwargs: object) -> ReferralView:
    raise _already() from error


@command(
    "referrals.claim_code",
    label=_("Came by a friend"),
    permission=("referrals:write", "members:write", "self:referrals"),
    lock=lambda *, member, **_rest: member_to_lock(member),
    recover=_invited_already,
)
def claim_code(ctx: Context, *, member: str, code: str, device: str = "") -> ReferralView:
    """Say by whose code a new member came, where it was not said on joining.

    Within a day of joining, before the first purchase. Raises ``NotFound`` (member, code) and
    ``Refused`` (``joined_before``, ``already_invited``, ``own_code``, ``invited_by_you``, ``code_ended``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    return accept_code(ctx, friend=row, code=code, device=device)


def accept_code(
    ctx: Context, *, friend: Member, code: str, device: str = "", channel: str = ""
) -> ReferralView:
    """Note that a friend came by a code. Runs inside the command that holds the friend.

    Raises what :func:`claim_code` raises.
    """
    referrer = _referrer(code)
    if referrer.pk == friend.pk:
        raise Refused("own_code", _("This is your own code. Give it to a friend."), field="code")
    if selectors.referral_of(friend) is not None:
        raise _already()
    if selectors.is_brought_by(referrer, friend):
        raise Refused(
            "invited_by_you",
            _("Who has this code came by your own invitation: friends cannot invite each other."),
            field="code",
        )
    if not selectors.is_new(friend, at=ctx.now):
        raise Refused(
            "joined_before",
            _("An invitation is for who joins with it; this card was there before."),
            field="code",
        )
    rule = selectors.programme_for(referrer, at=ctx.now) if _is_alive(referrer) else None
    if rule is None:
        raise Refused(
            "code_ended", _("This invitation is over. You can join without it."), field="code"
        )
    row = _row(ctx, rule, referrer, friend, device, channel or friend.joined_through)
    row.reasons = list(suspicions(selectors.seen(row, terms=rule)))
    keep(ctx, row, event="referral.joined", channel=row.channel)
    return referral_view(row)


def _row(
    ctx: Context,
    rule: ReferralTerms,
    referrer: Member,
    friend: Member,
    device: str,
    channel: str,
) -> Referral:
    buy_by = rule.buy_by(ctx.now, ctx.programme.timezone)
    version = ReferralProgramme.objects.get(public_id=rule.public_id)
    return Referral.objects.create(
        programme=ctx.programme,
        rule=version,
        referrer=referrer,
        friend=friend,
        channel=channel[:20],
        device=hashed_device(device),
        joined_at=ctx.now,
        buy_by=buy_by,
        due_at=buy_by,
    )


def _referrer(code: str) -> Member:
    found = selectors.code_row(code)
    if found is None:
        raise NotFound(
            "unknown_code",
            _("There is no such code. Look at it again: it has eight letters and digits."),
            field="code",
        )
    member: Member = found.member
    while member.merged_into is not None:
        member = member.merged_into
    return member


def _is_alive(referrer: Member) -> bool:
    return referrer.state == Member.State.ACTIVE


def _already() -> Refused:
    return Refused(
        "already_invited", _("Another invitation is noted on this card already."), field="code"
    )
