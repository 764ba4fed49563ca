"""Money is sent back by its gateway after the refund is committed."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.payments.services.refunds import ASKED_EVENT
from loyalty.payments.services.talking import send_refund


@subscriber(ASKED_EVENT)
def ask_for_refund(event: Happened) -> None:
    """Ask once; a gateway that does not answer is asked again when the relay comes back."""
    send_refund(event.call("send-refund"), event.data["refund"])
