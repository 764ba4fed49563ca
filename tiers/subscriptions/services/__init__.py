"""Everything that is written about product subscriptions."""

from __future__ import annotations

from tiers.subscriptions.services.baskets import put_item, remove_item, swap_item
from tiers.subscriptions.services.fulfilling import (
    bill_was_cancelled,
    cancel_order,
    count_returned,
    deliver_order,
    money_went_back,
    pack_order,
)
from tiers.subscriptions.services.keeping import subscription_view
from tiers.subscriptions.services.leaving import (
    ahead_went_back,
    cancel_subscription,
    end_all,
    hand_over,
    keep_subscription,
)
from tiers.subscriptions.services.offering import offer_product, offered_view
from tiers.subscriptions.services.running import begin_paid_ahead, look_after
from tiers.subscriptions.services.settling import settle_leaving, settle_order
from tiers.subscriptions.services.subscribing import Chosen, quote_basket, subscribe
from tiers.subscriptions.services.timing import (
    change_subscription,
    pause_subscription,
    reschedule_order,
    resume_subscription,
    skip_order,
    unskip_order,
)

__all__ = [
    "Chosen",
    "ahead_went_back",
    "begin_paid_ahead",
    "bill_was_cancelled",
    "cancel_order",
    "cancel_subscription",
    "change_subscription",
    "count_returned",
    "deliver_order",
    "end_all",
    "hand_over",
    "keep_subscription",
    "look_after",
    "money_went_back",
    "offer_product",
    "offered_view",
    "pack_order",
    "pause_subscription",
    "put_item",
    "quote_basket",
    "remove_item",
    "reschedule_order",
    "resume_subscription",
    "settle_leaving",
    "settle_order",
    "skip_order",
    "subscribe",
    "subscription_view",
    "swap_item",
    "unskip_order",
]
