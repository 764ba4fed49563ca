"""A person looks at what seems wrong: it is released, and paid once, or rejected, with the reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from campaigns.referrals.models import Referral
from campaigns.referrals.results import ReferralView, referral_view
from campaigns.referrals.services.following import pay_friend
from campaigns.referrals.services.keeping import (
    State,
    follow_status,
    friend_to_lock,
    keep,
    the_referral,
)
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Refused
from members.profiles.rules.names import clean_name


@command(
    "referrals.release",
    label=_("Referral released"),
    permission="referrals:approve",
    lock=lambda *, referral, **_rest: friend_to_lock(referral),
)
def release_referral(ctx: Context, *, referral: str, note: str) -> ReferralView:
    """Let a held referral pass: it is paid when its days to return are over, now where they are.

    Raises ``NotFound``, ``Invalid`` (``note``), ``Refused`` (``not_held``: looked at before, or the
    purchase came back; ``member_not_active``).
    """
    row = _held(ctx, referral, note)
    row.passed = list(row.reasons)
    row.state = State.BOUGHT
    keep(ctx, row, event="referral.released", note=row.review_note)
    if row.due_at is None or row.due_at <= ctx.now:
        pay_friend(ctx, row)
    return referral_view(row)


@command(
    "referrals.reject",
    label=_("Referral rejected"),
    permission="referrals:approve",
    lock=lambda *, referral, **_rest: friend_to_lock(referral),
)
def reject_referral(ctx: Context, *, referral: str, note: str) -> ReferralView:
    """Reject a held referral for good: neither side is paid.

    Raises ``NotFound``, ``Invalid`` (``note``), ``Refused`` (``not_held``).
    """
    row = _held(ctx, referral, note)
    row.state, row.why = State.REJECTED, Referral.Why.REVIEW
    row.due_at, row.ended_at = None, ctx.now
    keep(ctx, row, event="referral.rejected", why=str(row.why), note=row.review_note)
    return referral_view(row)


def _held(ctx: Context, referral: str, note: str) -> Referral:
    row = the_referral(ctx, referral)
    text = clean_name(note, field="note")
    if not text:
        raise Invalid("required", _("Say why, for whoever asks later."), field="note")
    follow_status(ctx, row)
    if row.state != State.HELD:
        raise Refused(
            "not_held",
            _("Nothing waits for you here: it is %(state)s.") % {"state": row.get_state_display()},
            field="referral",
        )
    row.review_note, row.reviewed_by = text, ctx.actor.label[:200]
    row.reviewed_at = ctx.now
    return row
