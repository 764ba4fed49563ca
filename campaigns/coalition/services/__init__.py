"""Writes of the coalition: terms, prepaid blocks, months and their payments."""

from __future__ import annotations

from campaigns.coalition.services.blocks import (
    LowNotice,
    PrepaidBought,
    buy_block,
    refund_rest,
    warn_when_low,
)
from campaigns.coalition.services.honoured import follow_reward
from campaigns.coalition.services.months import ClearingMonthView, close_month, run_month
from campaigns.coalition.services.payments import ClearingPaymentView, record_payment
from campaigns.coalition.services.terms import (
    ClearingSettingsView,
    MerchantTermsView,
    change_settings,
    leave,
    set_terms,
)

__all__ = [
    "ClearingMonthView",
    "ClearingPaymentView",
    "ClearingSettingsView",
    "LowNotice",
    "MerchantTermsView",
    "PrepaidBought",
    "buy_block",
    "change_settings",
    "close_month",
    "follow_reward",
    "leave",
    "record_payment",
    "refund_rest",
    "run_month",
    "set_terms",
    "warn_when_low",
]
