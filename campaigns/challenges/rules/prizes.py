"""What a mission or a step of a streak gives: points, a reward of the catalogue, a badge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import end_of_day, local_day
from loyalty.common.errors import DomainError, Invalid

POINTS = "points"
MAX_POINTS = 1_000_000
MAX_DAYS = 3_650


@dataclass(frozen=True, kw_only=True)
class Prize:
    """What is given together. ``points_days``: how long points live, 0 for ever.

    ``reward_names`` and ``badge_names`` are those of that day, Vietnamese first.
    """

    points: int = 0
    points_days: int = 0
    reward: str = ""
    badge: str = ""
    reward_names: tuple[str, str] = ("", "")
    badge_names: tuple[str, str] = ("", "")

    @property
    def is_empty(self) -> bool:
        """Is nothing given but the honour?"""
        return not (self.points or self.reward or self.badge)

    def names(self, language: str) -> list[str]:
        """The reward and the badge as the shop calls them."""
        place = 0 if language.startswith("vi") else 1
        return [names[place] for names in (self.reward_names, self.badge_names) if names[place]]


def points_end(days: int, at: datetime, zone: str) -> datetime | None:
    """When points given at an instant die: with the end of the local day; ``None`` never."""
    return end_of_day(local_day(at, zone) + timedelta(days=days), zone) if days else None


def points_problems(points: int, *, field: str) -> list[DomainError]:
    """What is wrong with a number of points."""
    if 0 <= points <= MAX_POINTS:
        return []
    return [
        Invalid(
            "out_of_range",
            _("Give a number from %(minimum)s to %(maximum)s.")
            % {"minimum": 0, "maximum": MAX_POINTS},
            field=field,
            params={"minimum": 0, "maximum": MAX_POINTS},
        )
    ]
