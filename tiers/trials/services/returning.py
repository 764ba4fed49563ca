"""How a trial goes back: not collected in time, given up, taken back. What there is grows by one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Forbidden, Refused
from loyalty.engine.activity import Sale
from loyalty.engine.database import DatabaseWorld, save_undone
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.engine.run import undo
from members.profiles.models import Member
from members.profiles.rules.names import clean_name
from tiers.trials.models import Sign, Taking
from tiers.trials.results import TakingView, view_of
from tiers.trials.rules import ACCEPTED, GIVEN, LAPSED, OFFERED, RETURNED
from tiers.trials.services.keeping import (
    is_standing,
    keep,
    take_out,
    taking_to_lock,
    the_taking,
)
from tiers.trials.services.taking import BOTH


@command(
    "trials.return_trial",
    label=_("Trial taken back"),
    permission=BOTH,
    lock=lambda *, taking, **_rest: taking_to_lock(taking),
)
def return_trial(ctx: Context, *, taking: str, reason: str = "") -> TakingView:
    """Take a trial back: an offer, what waits at the till, or what was given. A plan ends with it.

    They may take it again while there is one. Members give up what they have not got yet.

    Raises ``NotFound``, ``Refused`` (``trial_is_over``), ``Forbidden`` (a member, once it is given).
    """
    row = the_taking(ctx, taking)
    if row.state not in (OFFERED, ACCEPTED, GIVEN):
        raise Refused(
            "trial_is_over",
            _("This is over: %(state)s.") % {"state": row.get_state_display()},
            field="taking",
        )
    if row.state == GIVEN and ctx.actor.kind == "member":
        raise Forbidden("trial_is_given", _("It is yours. Ask the shop to take it back."))
    row.reason = clean_name(reason, field="reason", longest=200)
    _put_back(ctx, row, RETURNED)
    keep(ctx, row, event="trial.returned")
    return view_of(row)


@command(
    "trials.look_after",
    label=_("Trial looked after"),
    permission="trials:settle",
    lock=lambda *, taking, **_rest: taking_to_lock(taking),
)
def look_after_trial(ctx: Context, *, taking: str) -> TakingView:
    """Do what is due: what was not collected goes back, who was given something is asked."""
    row = the_taking(ctx, taking)
    if row.due_at is None or row.due_at > ctx.now:
        return view_of(row)
    if row.state == ACCEPTED:
        _put_back(ctx, row, LAPSED)
        keep(ctx, row, event="trial.lapsed")
    elif row.state == GIVEN and row.asked_at is None:
        row.asked_at, row.due_at = ctx.now, None
        keep(ctx, row, event="trial.feedback_due")
    else:
        row.due_at = None
        row.save(update_fields=["due_at"])
    return view_of(row)


def _put_back(ctx: Context, row: Taking, state: str) -> None:
    if is_standing(row):
        _undo(ctx, row)
        Sign.objects.filter(taking=row).delete()
        if row.state == GIVEN:
            take_out(ctx, row)
    row.state, row.ended_at, row.due_at = state, ctx.now, None


def _undo(ctx: Context, row: Taking) -> None:
    """What the engine gave for it is undone by the rule of that day."""
    activity = Activity.objects.get(public_id=row.activity)
    person = ctx.the_locked(Member, code="taking_not_found", field="taking")
    world = DatabaseWorld.within(ctx, person)
    world.row = activity
    world.about(activity.public_id, ctx.now)
    effects = world.records(AppliedEffect.objects.filter(activity=activity).order_by("id"))
    undone = undo(world, effects, Sale(currency=ctx.programme.currency, lines=()), {})
    world.write(ctx)
    save_undone(undone)
