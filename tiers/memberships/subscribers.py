"""What a paid bill means for a membership, and a plan somebody was given to try."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from loyalty.common.errors import Conflict, NotFound, Refused
from loyalty.outbox.subscriptions import Happened, subscriber
from tiers.memberships.selectors import family_of, given_in_plan, newest_version
from tiers.memberships.services import (
    begin_paid_period,
    bill_was_cancelled,
    cancel_membership,
    end_all,
    grant_plan,
    hand_over,
    money_went_back,
    wake,
)
from tiers.memberships.services.keeping import CHARGE_KIND

PLAN_KIND = "memberships.plan"


@subscriber("payment.paid")
def begin_what_was_paid(event: Happened) -> None:
    """The next period begins; the same bill told twice begins it once."""
    if event.data.get("kind") == CHARGE_KIND:
        begin_paid_period(
            event.call("begin-paid-period"),
            membership=event.data["subject"],
            charge=event.data["charge"],
            paid_minor=event.data["amount_minor"],
            is_late=bool(event.data.get("is_late")),
        )


@subscriber("payment.refunded")
def take_back_what_was_refunded(event: Happened) -> None:
    """Staff gave money of a period back; what was cancelled has ended before."""
    if event.data.get("kind") == CHARGE_KIND:
        money_went_back(
            event.call("money-went-back"),
            membership=event.data["subject"],
            charge=event.data["charge"],
            refund_minor=event.data["refund_minor"],
            is_whole=bool(event.data["is_whole"]),
        )


@subscriber("payment.cancelled")
def end_what_is_not_billed(event: Happened) -> None:
    """The shop gave the open bill up, or its time is over."""
    if event.data.get("kind") == CHARGE_KIND:
        bill_was_cancelled(
            event.call("bill-was-cancelled"),
            membership=event.data["subject"],
            charge=event.data["charge"],
            reason=str(event.data.get("reason", "")),
        )


@subscriber("rule.ended")
def tell_who_is_in_it(event: Happened) -> None:
    """A plan ended: everybody in it hears that theirs ends with what they paid for."""
    if event.data.get("kind") == PLAN_KIND:
        family = family_of(event.subject)
        if newest_version(family) is None:
            wake(event.call("wake"), family=family)


@subscriber("member.erased")
def end_with_the_card(event: Happened) -> None:
    """Nobody is billed who is not there."""
    end_all(event.call("end-memberships"), member=event.subject)


@subscriber("member.merged")
def move_to_the_survivor(event: Happened) -> None:
    """Two cards became one."""
    call = event.call("hand-over-memberships")
    hand_over(call, to=event.data["survivor"], of=event.data["loser"])


@subscriber("member.unmerged")
def move_back(event: Happened) -> None:
    """They are two again."""
    call = event.call("hand-back-memberships")
    hand_over(call, to=event.data["loser"], of=event.data["survivor"], back=True)


@subscriber("trial.given")
def begin_trial_of_a_plan(event: Happened) -> None:
    """The plan is theirs until the trial is over; nothing happens to who joined it meanwhile."""
    if event.data.get("plan"):
        with suppress(NotFound, Refused, Conflict):
            grant_plan(
                event.call("begin-trial-of-a-plan"),
                member=event.subject,
                plan=event.data["plan"],
                until=datetime.fromisoformat(event.data["until"]),
                reason=event.data["name"],
            )


@subscriber("trial.returned")
def end_trial_of_a_plan(event: Happened) -> None:
    """The trial was taken back, and the plan that was given with it."""
    given = given_in_plan(event.subject, event.data["plan"], event.data["name"])
    if given is not None:
        call = event.call("end-trial-of-a-plan")
        cancel_membership(call, membership=given.public_id, at_once=True)
