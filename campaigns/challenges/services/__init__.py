"""What is written about challenges besides what activities do. Each public function that acts is a command."""

from __future__ import annotations

from campaigns.challenges.services.badges import BadgeView, badge_view, create_badge
from campaigns.challenges.services.playing import CheckedIn, Repaired, check_in, repair_streak

__all__ = [
    "BadgeView",
    "CheckedIn",
    "Repaired",
    "badge_view",
    "check_in",
    "create_badge",
    "repair_streak",
]
