"""Cards merged and taken apart: referrals live on with the card that does."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.referrals.models import Referral, ReferralCode
from campaigns.referrals.results import FiguresView
from campaigns.referrals.services.keeping import State, follow_status, keep, write_status
from campaigns.referrals.services.paying import write_figures
from loyalty.commands.decorator import Context, command
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


def _rows() -> QuerySet[Referral]:
    return Referral.objects.select_related("rule", "referrer", "friend").order_by("pk")


@command(
    "referrals.follow_merge",
    label=_("Referrals follow merged cards"),
    permission="referrals:settle",
    lock=lambda *, survivor, **_rest: member_to_lock(survivor),
)
def follow_merge(ctx: Context, *, survivor: str, loser: str) -> FiguresView:
    """The merged card's referrals become the survivor's.

    Where both sides are one card now, the referral is rejected; what was paid for it is taken back.
    """
    kept = ctx.the_locked(Member, code="member_not_found", field="member")
    gone = Member.objects.filter(public_id=loser, merged_into=kept).first()
    if gone is None:  # taken apart meanwhile
        return write_figures(ctx, kept)
    for row in _rows().filter(Q(referrer=gone, friend=kept) | Q(referrer=kept, friend=gone)):
        _reject(ctx, row)
    both = {gone.pk, kept.pk}
    mine = _rows().filter(referrer=gone).exclude(friend__in=both)
    mine.update(referrer=kept, referrer_before=gone)
    if not _rows().filter(friend=kept).exists():
        for row in _rows().filter(friend=gone).exclude(referrer__in=both):
            event = follow_status(ctx, row)  # what the merged card bought, told or not
            _rows().filter(pk=row.pk).update(friend=kept, friend_before=gone)
            row.friend = kept
            keep(ctx, row, event=event)
    _hand_over_code(kept, gone)
    return write_figures(ctx, kept)


@command(
    "referrals.follow_unmerge",
    label=_("Referrals follow cards taken apart"),
    permission="referrals:settle",
    lock=lambda *, loser, **_rest: member_to_lock(loser),
)
def follow_unmerge(ctx: Context, *, survivor: str, loser: str) -> FiguresView:
    """What was the merged card's is theirs again. What was rejected meanwhile stays so."""
    back = ctx.the_locked(Member, code="member_not_found", field="member")
    mine = _rows().filter(referrer_before=back, referrer__public_id=survivor)
    mine.update(referrer=back, referrer_before=None)
    for row in _rows().filter(friend_before=back, friend__public_id=survivor):
        if row.state != State.REJECTED:
            _rows().filter(pk=row.pk).update(friend=back, friend_before=None)
            row.friend = back
            write_status(ctx, row)
    return write_figures(ctx, back)


def _reject(ctx: Context, row: Referral) -> None:
    """Nobody invites themself. What was paid is taken back by what follows."""
    was_paid = row.state == State.PAID
    row.state, row.why = State.REJECTED, Referral.Why.ONE_PERSON
    row.due_at, row.ended_at = None, ctx.now
    event = "referral.taken_back" if was_paid else "referral.rejected"
    keep(ctx, row, event=event, why=str(row.why))


def _hand_over_code(kept: Member, gone: Member) -> None:
    """Who had the code of the merged card still finds the person: the code follows the card (see
    ``joining``); the survivor takes it over where they have none of their own.
    """
    if not ReferralCode.objects.filter(member=kept).exists():
        ReferralCode.objects.filter(member=gone).update(member=kept)
