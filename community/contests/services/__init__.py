"""What is written about contests: authoring, entries, moderation, votes, the decision, the prizes."""

from __future__ import annotations

from community.contests.services.authoring import (
    cancel_contest,
    create_contest,
    decide_contest,
    edit_contest,
    publish_contest,
    set_picture,
)
from community.contests.services.entering import (
    enter_contest,
    hold_entry,
    judge_entry,
    withdraw_entry,
)
from community.contests.services.keeping import ContestResult, EntryResult
from community.contests.services.voting import (
    award_prize,
    drop_doubled_votes,
    take_vote_back,
    vote,
)

__all__ = [
    "ContestResult",
    "EntryResult",
    "award_prize",
    "cancel_contest",
    "create_contest",
    "decide_contest",
    "drop_doubled_votes",
    "edit_contest",
    "enter_contest",
    "hold_entry",
    "judge_entry",
    "publish_contest",
    "set_picture",
    "take_vote_back",
    "vote",
    "withdraw_entry",
]
