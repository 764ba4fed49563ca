"""Everything that is written about trials."""

from __future__ import annotations

from tiers.trials.services.asking import (
    forget_signs,
    give_feedback,
    learn_signs,
    note_plan_bought,
)
from tiers.trials.services.returning import look_after_trial, return_trial
from tiers.trials.services.taking import hand_over_trial, offer_trial, take_trial

__all__ = [
    "forget_signs",
    "give_feedback",
    "hand_over_trial",
    "learn_signs",
    "look_after_trial",
    "note_plan_bought",
    "offer_trial",
    "return_trial",
    "take_trial",
]
