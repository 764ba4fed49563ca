"""What follows on points after commit: a gift that was sent is brought to its receiver."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from rewards.points.services import receive_transfer


@subscriber("points.transfer_sent")
def bring_gift(event: Happened) -> None:
    """A second command, on the receiver's holder."""
    receive_transfer(event.call("bring-gift"), transfer=str(event.data["transfer"]))
