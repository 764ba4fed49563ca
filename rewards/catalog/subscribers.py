"""What follows for vouchers from what happens to members."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from rewards.catalog.services import void_vouchers_of


@subscriber("member.erased")
def void_what_was_unused(event: Happened) -> None:
    """An erased card holds nothing any more, so nothing can be fetched with it either."""
    void_vouchers_of(event.call("void-vouchers"), member=event.subject)
