"""What is written about challenges besides what activities do. Each public function that acts is a command."""

from __future__ import annotations

from campaigns.challenges.services.badges import (
    BadgeView,
    badge_view,
    change_badge,
    create_badge,
)
from campaigns.challenges.services.playing import (
    CheckedIn,
    FreezesGiven,
    Repaired,
    check_in,
    give_freezes,
    repair_streak,
)

__all__ = [
    "BadgeView",
    "CheckedIn",
    "FreezesGiven",
    "Repaired",
    "badge_view",
    "change_badge",
    "check_in",
    "create_badge",
    "give_freezes",
    "repair_streak",
]
