"""How a trial comes to a member: offered by hand, taken in the portal, handed over at the till."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, command
from loyalty.common.clock import end_of_day, local_day
from loyalty.common.errors import Conflict, Invalid, Refused
from loyalty.common.public_ids import new_id
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.services import record_activity
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.trials import selectors
from tiers.trials.mechanic import TAKEN, taking_activity, why_not
from tiers.trials.models import Taking, Trial
from tiers.trials.results import TakingView, view_of
from tiers.trials.rules import ACCEPTED, OFFERED, PLAN
from tiers.trials.services.keeping import (
    give,
    keep,
    leave_signs,
    taking_to_lock,
    the_taking,
)

BOTH = ("trials:write", "self:trials")
# Whoever hands rewards over hands these over too.
AT_THE_TILL = ("trials:write", "redemptions:write")
_WHY = {
    "not_for_you": _("This trial is not for this member, or not now."),
    "has_plan": _("They are in this plan already."),
    "out_of_stock": _("There are none left."),
    "limit_reached": _("As many as allowed were given for now. Try again later."),
}


def _taken_already(call: Call, error: IntegrityError, **_rest: Any) -> TakingView:
    """A second card of the same person was quicker."""
    raise _twice() from error


def _twice() -> Conflict:
    return Conflict(
        "trial_taken",
        _("This person has had it already: it is one for each, whatever card they show."),
        field="trial",
    )


@command(
    "trials.offer_trial",
    label=_("Trial offered"),
    permission="trials:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
    recover=_taken_already,
)
def offer_trial(ctx: Context, *, member: str, trial: str) -> TakingView:
    """Offer a trial to a member chosen by hand; nothing is set aside before they take it.

    Raises ``NotFound``, ``Refused`` (``trial_not_on_offer``, ``member_not_active``), ``Conflict``
    (``trial_taken``; ``trial_offered``).
    """
    person, row = _who_and_what(ctx, member, trial)
    if selectors.offered_to(person, row.family) is not None:
        raise Conflict("trial_offered", _("It is offered to them already."), field="trial")
    taking = _new(ctx, person, row)
    taking.state, taking.offered_at = OFFERED, ctx.now
    keep(ctx, taking, event="trial.offered")
    return view_of(taking)


@command(
    "trials.take_trial",
    label=_("Trial taken"),
    permission=(*AT_THE_TILL, "self:trials"),
    lock=lambda *, member, **_rest: member_to_lock(member),
    recover=_taken_already,
)
def take_trial(ctx: Context, *, member: str, trial: str, hand_over: bool = False) -> TakingView:
    """Let a member have a trial: one is set aside for them, a plan begins at once.

    Args:
        trial: public id of any version, or its code.
        hand_over: the product is handed over now (the till).

    Raises ``NotFound``, ``Refused`` (``trial_not_on_offer``, ``not_for_you``, ``has_plan``,
    ``out_of_stock``, ``limit_reached``, ``member_not_active``), ``Conflict`` (``trial_taken``).
    """
    if hand_over and ctx.actor.kind == "member":
        raise Invalid("bad_hand_over", _("Only the till hands it over."), field="hand_over")
    person, row = _who_and_what(ctx, member, trial)
    offered = selectors.offered_to(person, row.family)
    _refuse(ctx, person, row, is_offered=offered is not None)
    taking = offered or _new(ctx, person, row)
    taking.trial, taking.accepted_at = row, ctx.now
    taking.activity = _through_the_engine(ctx, taking, is_offered=offered is not None)
    if hand_over or row.what == PLAN:
        give(ctx, taking)
        keep(ctx, taking, event="trial.given")
    else:
        today = local_day(ctx.now, ctx.programme.timezone)
        last = today + timedelta(days=row.collect_days)
        taking.state = ACCEPTED
        taking.collect_until = taking.due_at = end_of_day(last, ctx.programme.timezone)
        keep(ctx, taking, event="trial.accepted")
    leave_signs(ctx, taking, person)
    return view_of(taking)


@command(
    "trials.hand_over",
    label=_("Trial handed over"),
    permission=AT_THE_TILL,
    lock=lambda *, taking, **_rest: taking_to_lock(taking),
)
def hand_over_trial(ctx: Context, *, taking: str) -> TakingView:
    """Hand over what was set aside. Raises ``NotFound``, ``Refused`` (``trial_not_waiting``)."""
    row = the_taking(ctx, taking)
    is_late = row.collect_until is not None and row.collect_until <= ctx.now
    if row.state != ACCEPTED or is_late:
        raise Refused(
            "trial_not_waiting",
            _("This is not waiting to be handed over: %(state)s.")
            % {"state": Taking.State.LAPSED.label if is_late else row.get_state_display()},
            field="taking",
        )
    give(ctx, row)
    keep(ctx, row, event="trial.given")
    return view_of(row)


def _who_and_what(ctx: Context, member: str, trial: str) -> tuple[Member, Trial]:
    person = ctx.the_locked(Member, code="member_not_found", field="member")
    if person.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": person.get_state_display()},
            field="member",
        )
    row = selectors.trial_to_take(trial)
    if selectors.was_had(person, row.family, selectors.signs_of(person)):
        raise _twice()
    return person, row


def _refuse(ctx: Context, person: Member, row: Trial, *, is_offered: bool) -> None:
    """Say why not before anything is tried; the engine asks once more when it gives."""
    facts = Facts(DatabaseWorld.within(ctx, person))
    why = why_not(
        row.terms(), taking_activity(row.public_id, is_offered=is_offered, at=ctx.now), facts
    )
    if why:
        raise Refused(why, _WHY[why], field="trial")


def _new(ctx: Context, person: Member, row: Trial) -> Taking:
    return Taking(
        programme=ctx.programme,
        public_id=new_id("trl"),
        member=person,
        trial=row,
        family=row.family,
    )


def _through_the_engine(ctx: Context, taking: Taking, *, is_offered: bool) -> str:
    """One of what there is becomes theirs. Two tills and one last piece: one of them is told no."""
    data = {"trial": taking.trial.public_id, "taking": taking.public_id, "offered": is_offered}
    try:
        done = record_activity.within(
            ctx,
            member=taking.member.public_id,
            type=TAKEN,
            key=taking.public_id,
            data=data,
        )
    except Conflict as error:
        if error.code != "budget_exhausted":
            raise
        raise Refused("out_of_stock", _WHY["out_of_stock"], field="trial") from error
    if not any(one.mechanic == "trials" for one in done.effects):
        raise Refused("not_for_you", _WHY["not_for_you"], field="trial")
    return done.activity
