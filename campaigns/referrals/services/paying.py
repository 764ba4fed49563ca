"""The referrer's side, by a command of its own; both gifts taken back; a member's figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from campaigns.referrals import selectors
from campaigns.referrals.models import Referral
from campaigns.referrals.results import FiguresView, ReferralView, TakenBack, referral_view
from campaigns.referrals.rules.terms import FIGURES, QUALIFIED, WELCOMED
from campaigns.referrals.services.keeping import State, referrer_to_lock, the_referral
from loyalty.commands.decorator import Context, command
from loyalty.engine.database import save_undone
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity
from loyalty.engine.status import Status
from loyalty.engine.statuses import status_of, write_statuses
from loyalty.engine.undoing import undo_activity
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

_GONE = (Member.State.MERGED, Member.State.ERASED)
_SIDES = (WELCOMED, QUALIFIED)


@command(
    "referrals.reward_referrer",
    label=_("Referrer paid"),
    permission="referrals:settle",
    lock=lambda *, referral, **_rest: referrer_to_lock(referral),
)
def reward_referrer(ctx: Context, *, referral: str) -> ReferralView:
    """Pay who invited a friend that was paid; once, whatever calls it.

    What it gives is the activity ``referral.qualified`` of theirs, which missions can count too.
    Raises ``Refused`` (``member_not_active``) while their card is on hold: it is tried again.
    """
    row = the_referral(ctx, referral)
    if row.state != State.PAID or row.outcome:
        return referral_view(row)
    referrer = ctx.the_locked(Member, code="member_not_found", field="member")
    outcome = Referral.Outcome.GONE
    if referrer.state not in _GONE:
        done = record_activity.within(
            ctx,
            member=referrer.public_id,
            type=QUALIFIED,
            key=row.public_id,
            data={"referral": row.public_id, "rule": row.rule.public_id},
        )
        is_paid = any(one.kind == "pay_referral" for one in done.effects)
        outcome = Referral.Outcome.PAID if is_paid else Referral.Outcome.LIMIT
        write_figures(ctx, referrer)
    # Only this column: the rest of the row belongs to commands that hold the friend.
    Referral.objects.filter(pk=row.pk).update(outcome=outcome)
    row.outcome = outcome
    told = {
        "referral": row.public_id,
        "referrer": referrer.public_id,
        "friend": row.friend.public_id,
        "outcome": str(outcome),
    }
    publish(ctx, "referral.rewarded", subject=referrer.public_id, data=told)
    ctx.about(row.public_id, **told)
    return referral_view(row)


@command(
    "referrals.take_back",
    label=_("Referral taken back"),
    permission="referrals:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def take_back(ctx: Context, *, member: str, referral: str) -> TakenBack:
    """Undo what a member was given for a referral, by the rule of that day and the shop's policy on
    points already spent. What was never given, or taken back before, is left alone.

    What cards of one household were given falls together: they share an account.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    fallen = 0
    given = Activity.objects.select_related("member__holder").filter(
        type__in=_SIDES, key=referral, member__holder=row.holder_id
    )
    for activity in given.order_by("-pk"):
        fallen += _undo(ctx, activity)
    write_figures(ctx, row)
    ctx.about(row.public_id, referral=referral, effects=fallen)
    return TakenBack(member=row.public_id, referral=referral, effects=fallen)


@command(
    "referrals.count_figures",
    label=_("Referrals counted"),
    permission="referrals:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def count_figures(ctx: Context, *, member: str) -> FiguresView:
    """Count a member's referrals anew, for conditions that ask for them."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    return write_figures(ctx, row)


def write_figures(ctx: Context, member: Member) -> FiguresView:
    """Keep a member's figures where conditions read them. Two queries, and one where they changed."""
    found = selectors.figures_of(member)
    data = {"made": found.made, "paid": found.paid}
    before = status_of(member, FIGURES)
    if before is None or before.data != data:
        status = Status(value="", since=ctx.now, data=data)
        write_statuses([(member, {FIGURES: status})], at=ctx.now)
    return FiguresView(member=member.public_id, made=found.made, paid=found.paid)


def _undo(ctx: Context, activity: Activity) -> int:
    undone, world = undo_activity(ctx, activity, cause=activity.public_id, at=ctx.now)
    world.write(ctx)
    save_undone(undone)
    return len(undone)
