"""Everything that is written about memberships."""

from __future__ import annotations

from tiers.memberships.services.ending import (
    cancel_membership,
    keep_membership,
    pause_membership,
    resume_membership,
)
from tiers.memberships.services.joining import give_plan, grant_plan, join_plan
from tiers.memberships.services.merging import hand_over
from tiers.memberships.services.running import (
    begin_paid_period,
    bill_was_cancelled,
    look_after,
    wake,
)
from tiers.memberships.services.undoing import end_all, money_went_back

__all__ = [
    "begin_paid_period",
    "bill_was_cancelled",
    "cancel_membership",
    "end_all",
    "give_plan",
    "grant_plan",
    "hand_over",
    "join_plan",
    "keep_membership",
    "look_after",
    "money_went_back",
    "pause_membership",
    "resume_membership",
    "wake",
]
