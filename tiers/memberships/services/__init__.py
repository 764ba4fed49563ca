"""Everything that is written about memberships."""

from __future__ import annotations

from tiers.memberships.services.ending import (
    cancel_membership,
    keep_membership,
    pause_membership,
    resume_membership,
)
from tiers.memberships.services.joining import give_plan, grant_plan, join_plan
from tiers.memberships.services.running import begin_paid_period, look_after

__all__ = [
    "begin_paid_period",
    "cancel_membership",
    "give_plan",
    "grant_plan",
    "join_plan",
    "keep_membership",
    "look_after",
    "pause_membership",
    "resume_membership",
]
