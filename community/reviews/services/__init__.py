"""Everything that is written about reviews. Each public function is a command."""

from __future__ import annotations

from community.reviews.services.deciding import (
    check_badges,
    decide_review,
    forget_author,
    hide_doubles,
    reply_to_review,
)
from community.reviews.services.settings import ReviewSettingsAnswer, change_settings
from community.reviews.services.writing import (
    ReviewAnswer,
    Voted,
    edit_review,
    vote_helpful,
    withdraw_review,
    write_review,
)

__all__ = [
    "ReviewAnswer",
    "ReviewSettingsAnswer",
    "Voted",
    "change_settings",
    "check_badges",
    "decide_review",
    "edit_review",
    "forget_author",
    "hide_doubles",
    "reply_to_review",
    "vote_helpful",
    "withdraw_review",
    "write_review",
]
