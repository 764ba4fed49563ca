"""Reads about missions, streaks and badges. All in the programme in scope."""

from __future__ import annotations

from campaigns.challenges.models import Mission, Streak
from campaigns.challenges.rules.missions import MissionTerms
from campaigns.challenges.rules.streaks import StreakTerms
from loyalty.engine.selectors import counting_rules


def counting_missions() -> list[MissionTerms]:
    """Every version of a mission that may count, by priority, newest version of a family first."""
    rows = counting_rules(Mission)
    return [row.terms() for row in sorted(rows, key=lambda row: (-row.priority, -row.pk))]


def counting_streaks() -> list[StreakTerms]:
    """Every version of a streak that may count, newest version of a family first."""
    rows = counting_rules(Streak)
    return [row.terms() for row in sorted(rows, key=lambda row: (-row.priority, -row.pk))]
