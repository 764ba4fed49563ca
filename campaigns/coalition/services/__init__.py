"""Writes of the coalition: terms, prepaid blocks, months and their payments."""

from __future__ import annotations

from campaigns.coalition.services.blocks import (
    BlockView,
    LowNotice,
    buy_block,
    refund_rest,
    warn_when_low,
)
from campaigns.coalition.services.months import RunView, close_month, run_month
from campaigns.coalition.services.payments import ClearingPaymentView, record_payment
from campaigns.coalition.services.terms import (
    ClearingSettingsView,
    TermsView,
    change_settings,
    leave,
    set_terms,
)

__all__ = [
    "BlockView",
    "ClearingPaymentView",
    "ClearingSettingsView",
    "LowNotice",
    "RunView",
    "TermsView",
    "buy_block",
    "change_settings",
    "close_month",
    "leave",
    "record_payment",
    "refund_rest",
    "run_month",
    "set_terms",
    "warn_when_low",
]
