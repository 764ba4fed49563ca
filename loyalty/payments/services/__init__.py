"""Everything that is written about payments. Feature apps use :data:`open_charge` and friends.

``open_charge.within(ctx, …)`` and ``cancel_charge.within(ctx, …)`` run inside another command.
"""

from __future__ import annotations

from loyalty.payments.services.accounts import save_account
from loyalty.payments.services.charges import (
    accept_late,
    ask_to_look,
    cancel_charge,
    dismiss_attention,
    expire_charge,
    open_charge,
)
from loyalty.payments.services.locking import the_charge
from loyalty.payments.services.receiving import (
    confirm_transfer,
    match_event,
    record_forgery,
    record_notification,
    take_cash,
)
from loyalty.payments.services.refunds import drop_charge, finish_refund, refund_charge
from loyalty.payments.services.starting import ready_to_pay, start_payment

__all__ = [
    "accept_late",
    "ask_to_look",
    "cancel_charge",
    "confirm_transfer",
    "dismiss_attention",
    "drop_charge",
    "expire_charge",
    "finish_refund",
    "match_event",
    "open_charge",
    "ready_to_pay",
    "record_forgery",
    "record_notification",
    "refund_charge",
    "save_account",
    "start_payment",
    "take_cash",
    "the_charge",
]
