"""What a paid bill means for a membership."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from tiers.memberships.services import begin_paid_period
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
