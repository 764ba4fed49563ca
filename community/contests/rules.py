"""What a contest may be, and who wins it: pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.conditions import ACTIVITY_FACTS, faults, parse
from loyalty.engine.rules import RuleTerms

MAX_PRIZES = 20
MAX_ENTRIES = 20
MAX_VOTES = 50
MAX_POINTS = 10**7
MAX_CONDITIONS = 20
LONGEST_TEXT = 2_000
FURTHEST = timedelta(days=366 * 2)


@dataclass(frozen=True, kw_only=True)
class Prize:
    """What one place is worth: points, a reward (by public id), or both."""

    points: int = 0
    reward: str = ""


@dataclass(frozen=True, kw_only=True)
class ContestInput:
    """What a contest shall be.

    Args:
        judging: ``votes`` of members, or a ``jury`` (staff picks).
        entries_until: the last instant to enter; ``votes_until`` to vote, and when it can be decided.
        prizes: for the first, the second … place; as many win.
    """

    title_vi: str = ""
    title_en: str = ""
    rules_vi: str = ""
    rules_en: str = ""
    opens_at: datetime
    entries_until: datetime
    votes_until: datetime
    judging: str = "votes"
    wants_text: bool = True
    wants_photo: bool = False
    entries_per_member: int = 1
    votes_per_member: int = 1
    audience: tuple[Mapping[str, Any], ...] = ()
    prizes: tuple[Prize, ...] = ()

    def problems(self, *, now: datetime) -> list[DomainError]:
        """Everything that is wrong with it, each error naming its field."""
        found: list[DomainError] = []
        if not (self.title_vi or self.title_en):
            found.append(Invalid("required", _("Give the contest a title."), field="title_vi"))
        if not (self.rules_vi or self.rules_en):
            found.append(
                Invalid("required", _("Write the rules: who wins, and how."), field="rules_vi")
            )
        if not (self.wants_text or self.wants_photo):
            found.append(
                Invalid("required", _("Say what is entered: words, a photo."), field="wants_text")
            )
        if self.judging not in ("votes", "jury"):
            found.append(Invalid("unknown_judging", _("Choose who decides."), field="judging"))
        return [*found, *self._times(now), *self._numbers(), *self._prizes(), *self._whom()]

    def _times(self, now: datetime) -> list[DomainError]:
        if self.entries_until <= max(self.opens_at, now):
            text = _("Give people time to enter: this is before it opens, or over.")
            return [Invalid("end_before_start", text, field="entries_until")]
        if self.votes_until < self.entries_until:
            text = _("Voting cannot end before the last entry.")
            return [Invalid("end_before_start", text, field="votes_until")]
        if self.votes_until > now + FURTHEST:
            text = _("This is more than two years away. Check the year.")
            return [Invalid("too_far", text, field="votes_until")]
        return []

    def _numbers(self) -> list[DomainError]:
        return [
            *_range("entries_per_member", self.entries_per_member, 1, MAX_ENTRIES),
            *_range("votes_per_member", self.votes_per_member, 1, MAX_VOTES),
        ]

    def _prizes(self) -> list[DomainError]:
        if not 1 <= len(self.prizes) <= MAX_PRIZES:
            text = _("Give from 1 to %(most)s prizes.") % {"most": MAX_PRIZES}
            return [Invalid("out_of_range", text, field="prizes")]
        found = []
        for number, one in enumerate(self.prizes):
            found += _range(f"prizes.{number}.points", one.points, 0, MAX_POINTS)
            if not one.points and not one.reward:
                told = _("A prize is points, a reward, or both.")
                found.append(Invalid("required", told, field=f"prizes.{number}.points"))
        return found

    def _whom(self) -> list[DomainError]:
        if len(self.audience) > MAX_CONDITIONS:
            text = _("Give at most %(n)s conditions.") % {"n": MAX_CONDITIONS}
            return [Invalid("too_many", text, field="audience")]
        if broken := list(faults(self.audience)):
            return [*broken]
        found = parse(self.audience)
        whom = _("Ask for something about the member.")
        return [
            Invalid("not_of_members", whom, field=f"audience.{number}")
            for number, one in enumerate(found)
            if one.fact in ACTIVITY_FACTS
        ]


def _range(field: str, value: int, low: int, high: int) -> list[DomainError]:
    if not isinstance(value, bool) and isinstance(value, int) and low <= value <= high:
        return []
    text = _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": low, "maximum": high}
    return [Invalid("out_of_range", text, field=field, params={"minimum": low, "maximum": high})]


@dataclass(frozen=True, kw_only=True)
class ContestTerms(RuleTerms):
    """What the terms page says of a contest."""

    name_en: str = ""
    judging: str = "votes"
    entries_until: datetime
    votes_until: datetime
    votes_per_member: int = 1
    winners: int = 1


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An entry as it is ranked."""

    entry: str
    votes: int
    entered_at: datetime


def winners(entries: Iterable[Standing], *, places: int) -> list[str]:
    """Who wins by votes, best first: most votes, of equals who entered first. No vote wins nothing."""
    ranked = sorted(entries, key=lambda one: (-one.votes, one.entered_at, one.entry))
    return [one.entry for one in ranked if one.votes > 0][:places]
