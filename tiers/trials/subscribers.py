"""What happens elsewhere and concerns trials: a plan that was tried is joined, a person is forgotten."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from tiers.trials.services import forget_signs, learn_signs, note_plan_bought

_CONTACTS = frozenset({"phone", "email"})


@subscriber("membership.began", "membership.joined")
def count_joined_plan(event: Happened) -> None:
    """A plan is bought once it runs: paid, or joined where it costs nothing. A free trial is not."""
    if event.type == "membership.joined" and event.data.get("state") != "active":
        return
    note_plan_bought(
        event.call("count-joined-plan"),
        member=event.subject,
        plan=event.data["code"],
        cause=event.data["membership"],
    )


@subscriber("member.updated")
def know_them_by_the_new_one_too(event: Happened) -> None:
    """Somebody who had a trial has another phone or mailbox."""
    if _CONTACTS.intersection(event.data["changed"]):
        learn_signs(event.call("learn-trial-signs"), member=event.subject)


@subscriber("member.erased")
def forget_with_the_person(event: Happened) -> None:
    """Hashes of phone and e-mail, and what they wrote, go with them."""
    forget_signs(event.call("forget-trial-signs"), member=event.subject)
