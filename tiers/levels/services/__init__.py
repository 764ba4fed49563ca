"""Everything that is written about levels."""

from __future__ import annotations

from tiers.levels.services.giving import end_given_level, give_level
from tiers.levels.services.past import count_past
from tiers.levels.services.reviewing import look_again, review_level

__all__ = ["count_past", "end_given_level", "give_level", "look_again", "review_level"]
