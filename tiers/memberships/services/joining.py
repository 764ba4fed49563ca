"""How a membership begins: bought, tried, given by the shop, given by another member."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.clock import local_day, start_of_day
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.engine.database import spend_from_budget
from loyalty.tenancy.models import Merchant
from members.profiles.models import Member
from members.profiles.rules.names import clean_name
from members.profiles.selectors import member_of_id, member_to_lock
from tiers.memberships import selectors
from tiers.memberships.models import Membership, Period, Plan
from tiers.memberships.results import MembershipView, view_of
from tiers.memberships.rules import ACTIVE, LEAD_DAYS, TRIAL, WAITING, period_end
from tiers.memberships.services.keeping import begin_period, bill, keep

_FARTHEST = timedelta(days=50 * 366)
_BOTH = ("memberships:write", "self:memberships")


@command(
    "memberships.join_plan",
    label=_("Plan joined"),
    permission=("memberships:write", "memberships:sell", "self:memberships"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def join_plan(ctx: Context, *, member: str, plan: str, trial: bool = True) -> MembershipView:
    """Let a member join a plan: on trial where they may, else with a bill for the first period.

    Args:
        plan: public id of a plan, or its code.
        trial: take the free trial where the plan has one and it was not taken before.

    Raises ``NotFound``, ``Refused`` (``plan_not_on_offer``, ``plan_full``, ``not_for_you``,
    ``member_not_active``) and ``Conflict`` (``already_member``).
    """
    person, offered = _who_and_what(ctx, plan)
    _may_have(ctx, person, offered, field="plan")
    row = _new(ctx, person, offered, source=Membership.Source.BOUGHT)
    tries = trial and offered.trial_days > 0 and not selectors.had_trial(person, row.family)
    today = row.anchor_on
    if tries:
        ends_at = start_of_day(today + timedelta(days=offered.trial_days), ctx.programme.timezone)
        row.state, row.anchor_on = TRIAL, local_day(ends_at, ctx.programme.timezone)
        _run(ctx, row, kind=Period.Kind.TRIAL, ends_at=ends_at)
    elif offered.price_minor == 0:
        row.state, row.number = ACTIVE, 1
        _run(ctx, row, kind=Period.Kind.PAID, ends_at=_first_end(ctx, row, offered))
    else:
        row.state = WAITING
        row.save(force_insert=True)
        bill(ctx, row, offered, payer=person, due_at=ctx.now + timedelta(seconds=1))
        row.due_at = ctx.now + timedelta(days=offered.grace_days or LEAD_DAYS)
    keep(ctx, row, event="membership.joined")
    return view_of(row)


@command(
    "memberships.grant_plan",
    label=_("Plan given by the shop"),
    permission="memberships:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def grant_plan(
    ctx: Context, *, member: str, plan: str, until: datetime, reason: str
) -> MembershipView:
    """Give a member a plan for nothing until an instant, with the reason.

    Raises as :func:`join_plan`, and ``Invalid`` (``until``, ``reason``).
    """
    text = clean_name(reason, field="reason")
    if not text:
        raise Invalid("required", _("Say why it is given."), field="reason")
    if until.tzinfo is not None and until > ctx.now + _FARTHEST:
        raise Invalid("too_far", _("Choose a day within the next fifty years."), field="until")
    if until.tzinfo is None or until <= ctx.now:
        raise Invalid("in_the_past", _("Choose a day in the future."), field="until")
    person, offered = _who_and_what(ctx, plan)
    row = _new(ctx, person, offered, source=Membership.Source.GRANTED)
    row.state, row.cancels, row.reason = ACTIVE, True, text[:200]
    _run(ctx, row, kind=Period.Kind.GRANTED, ends_at=until)
    keep(ctx, row, event="membership.granted")
    return view_of(row)


@command(
    "memberships.give_plan",
    label=_("Plan bought for another member"),
    permission=_BOTH,
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def give_plan(ctx: Context, *, member: str, to: str, plan: str) -> MembershipView:
    """Buy one period of a plan for another member; it begins when it is paid.

    Args:
        member: who gives and pays; ``to`` who gets it, by public id.

    Raises as :func:`join_plan`, and ``Invalid`` (``to``: oneself).
    """
    giver = _active(ctx.the_locked(Member, code="member_not_found", field="member"), "member")
    if member == to:
        raise Invalid("same_member", _("Choose somebody else."), field="to")
    receiver = _active(member_of_id(to, field="to"), "to")
    offered = selectors.plan_to_join(plan)
    if offered.price_minor == 0:
        raise Refused(
            "plan_is_free", _("This plan costs nothing: they can just join."), field="plan"
        )
    _not_twice(receiver, offered)
    _may_have(ctx, receiver, offered, field="to")
    row = _new(ctx, receiver, offered, source=Membership.Source.GIFT)
    row.state, row.cancels, row.giver = WAITING, True, giver
    row.save(force_insert=True)
    bill(ctx, row, offered, payer=giver, due_at=ctx.now + timedelta(seconds=1))
    row.due_at = ctx.now + timedelta(days=offered.grace_days or LEAD_DAYS)
    keep(ctx, row, event="membership.given")
    return view_of(row)


def _who_and_what(ctx: Context, plan: str) -> tuple[Member, Plan]:
    person = _active(ctx.the_locked(Member, code="member_not_found", field="member"), "member")
    offered = selectors.plan_to_join(plan)
    _not_twice(person, offered)
    return person, offered


def _active(member: Member, field: str) -> Member:
    if member.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": member.get_state_display()},
            field=field,
        )
    return member


def _may_have(ctx: Context, person: Member, plan: Plan, *, field: str) -> None:
    """Whom a plan is for, and how many may join; what the shop gives is the shop's to decide."""
    if not selectors.is_for(person, plan, at=ctx.now):
        raise Refused("not_for_you", _("This plan is for others."), field=field)
    if plan.budget is not None and not spend_from_budget(plan.public_id, 1):
        raise Refused(
            "plan_full",
            _("All %(n)s places in this plan are taken.") % {"n": plan.budget},
            field="plan",
        )


def _not_twice(person: Member, plan: Plan) -> None:
    for one in selectors.memberships_of(person):
        if one.family == plan.family and not selectors.is_unpaid_gift(one):
            raise Conflict(
                "already_member",
                _("They are in this plan already."),
                field="plan",
                params={"membership": one.public_id},
            )


def _new(ctx: Context, person: Member, plan: Plan, *, source: str) -> Membership:
    return Membership(
        programme=ctx.programme,
        member=person,
        plan=plan,
        family=plan.family,
        merchant=_merchant(ctx),
        source=source,
        began_at=ctx.now,
        anchor_on=local_day(ctx.now, ctx.programme.timezone),
    )


def _merchant(ctx: Context) -> Merchant:
    rows = Merchant.objects.filter(is_active=True).order_by("id")
    if ctx.actor.merchant_id is not None:
        rows = rows.filter(pk=ctx.actor.merchant_id)
    found: Merchant | None = rows.first()
    if found is None:
        raise NotFound("merchant_not_found", _("There is no such merchant."), field="merchant")
    return found


def _first_end(ctx: Context, row: Membership, plan: Plan) -> datetime:
    return period_end(
        anchor_on=row.anchor_on,
        number=1,
        count=plan.period_count,
        unit=str(plan.period_unit),
        zone=ctx.programme.timezone,
    )


def _run(ctx: Context, row: Membership, *, kind: str, ends_at: datetime) -> None:
    row.ends_at = ends_at
    renews = kind != Period.Kind.GRANTED and row.plan.renews
    row.due_at = ends_at - timedelta(days=LEAD_DAYS) if renews else ends_at
    row.save(force_insert=True)
    begin_period(ctx, row, row.plan, kind=kind, starts_at=ctx.now, ends_at=ends_at)
