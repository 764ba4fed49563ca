"""Reviews as plain values: who may write one, until when it may be changed, what stars come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STARS = (5, 4, 3, 2, 1)
LONGEST = 4_000


class Who(StrEnum):
    """Who may review a product."""

    BUYERS = "buyers"
    ALL = "all"


class When(StrEnum):
    """When staff look at a review: before others see it, or after."""

    BEFORE = "before"
    AFTER = "after"


class Former(StrEnum):
    """What becomes of the reviews of a member who was erased."""

    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True, kw_only=True)
class ReviewTerms:
    """How reviews work in a programme.

    Args:
        edit_days: how many days an author may change a review; 0: never.
        most_photos: beside one review; 0: none.
        only_verified_earn: other reviews are shown and earn nothing.
        points_stay: what a review earned stays when the product is given back.
        public_read: visitors without a card read reviews too.
    """

    is_open: bool = True
    who: Who = Who.BUYERS
    looked_at: When = When.AFTER
    edit_days: int = 30
    most_photos: int = 4
    only_verified_earn: bool = True
    points_stay: bool = True
    public_read: bool = True
    former: Former = Former.KEEP


def may_edit(terms: ReviewTerms, *, written_at: datetime, now: datetime) -> bool:
    """Is a review still within the time its author may change it?"""
    return now < edit_until(terms, written_at=written_at)


def edit_until(terms: ReviewTerms, *, written_at: datetime) -> datetime:
    """Until when an author may change a review."""
    return written_at + timedelta(days=terms.edit_days)


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What the published reviews of a product come to; ``counts`` by stars, one star first."""

    counts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.counts)

    @property
    def average_tenths(self) -> int:
        """The average in tenths of a star, half up; 0 where there is none: 43 is 4.3 stars."""
        if not self.count:
            return 0
        total = sum(stars * number for stars, number in enumerate(self.counts, start=1))
        return (20 * total + self.count) // (2 * self.count)

    @property
    def average_milli(self) -> int:
        """The same in thousandths, for the filter that writes quantities."""
        return self.average_tenths * 100

    @property
    def average(self) -> str:
        """As figures, with a point: ``4.3``; empty where there is none."""
        whole, tenths = divmod(self.average_tenths, 10)
        return f"{whole}.{tenths}" if self.count else ""

    @property
    def whole_stars(self) -> int:
        """How many stars to draw: the average to the nearest."""
        return (self.average_tenths + 5) // 10

    @property
    def rows(self) -> list[tuple[int, int, int]]:
        """For a histogram, five stars first: stars, how many, and their share in percent."""
        return [
            (stars, self.counts[stars - 1], 100 * self.counts[stars - 1] // (self.count or 1))
            for stars in STARS
        ]
