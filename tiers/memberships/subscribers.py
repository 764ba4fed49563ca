"""What a paid bill means for a membership, and a plan somebody was given to try."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from loyalty.common.errors import Conflict, NotFound, Refused
from loyalty.outbox.subscriptions import Happened, subscriber
from tiers.memberships.selectors import given_in_plan
from tiers.memberships.services import begin_paid_period, cancel_membership, grant_plan
from tiers.memberships.services.keeping import CHARGE_KIND


@subscriber("payment.paid")
def begin_what_was_paid(event: Happened) -> None:
    """The next period begins; the same bill told twice begins it once."""
    if event.data.get("kind") == CHARGE_KIND:
        begin_paid_period(
            event.call("begin-paid-period"),
            membership=event.data["subject"],
            charge=event.data["charge"],
            paid_minor=event.data["amount_minor"],
        )


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
