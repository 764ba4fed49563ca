"""What commands about levels answer, and what the API shows of a member's level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from loyalty.engine.explain import explain
from loyalty.engine.models import AppliedEffect
from loyalty.engine.status import Status
from tiers.levels.rules.outlook import Goal, Outlook


@dataclass(frozen=True, kw_only=True)
class LevelResult:
    """Where a member stands after a command: code and place of the level, and when it is looked at."""

    member: str
    level: str
    rank: int
    before: str
    due_at: datetime | None


@dataclass(frozen=True)
class PartView:
    """One condition: ``basis`` is ``spend_minor`` (smallest unit), ``points``, ``visits``, ``months``."""

    basis: str
    needed: int
    have: int
    missing: int


@dataclass(frozen=True)
class GoalView:
    """A level to reach or to keep: one of the ways must be met, each with all of its conditions."""

    level: str
    name: str
    ways: list[list[PartView]]


@dataclass(frozen=True)
class GiftView:
    """A level given by hand: nobody falls below it until then (``null``: until it is taken back)."""

    level: str
    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class StandingView:
    """Where a member stands: the level, what the next one asks, what staying asks, reviewed when.

    ``expected`` is the level the review would leave if nothing more counted; ``rising`` the one that
    comes into force at ``rises_at``.
    """

    member: str
    ladder: str
    level: str
    name: str
    rank: int
    since: datetime | None
    counted: dict[str, int]
    next: GoalView | None
    stay: GoalView | None
    review_at: datetime | None
    grace_until: datetime | None
    expected: str
    rising: str
    rises_at: datetime | None
    protected: bool
    given: GiftView | None


def standing_view(
    found: Outlook, *, member: str, status: Status | None, language: str
) -> StandingView:
    """An outlook as everybody else sees it; names in a language."""
    level, gift = found.level, found.standing.gift
    is_kept = status is not None and level is not None and status.value == level.code
    return StandingView(
        member=member,
        ladder=found.ladder.public_id,
        level=level.code if level else "",
        name=level.name(language) if level else "",
        rank=found.rank,
        since=status.since if status and is_kept else None,
        counted=dict(found.measures),
        next=goal_view(found.next, language),
        stay=goal_view(found.stay, language),
        review_at=found.review_at,
        grace_until=found.standing.grace_until,
        expected=found.expected.code if found.expected else "",
        rising=found.rising.code if found.rising else "",
        rises_at=found.rise_at,
        protected=found.shielded,
        given=GiftView(gift.level, gift.since, gift.until, gift.reason) if gift else None,
    )


def nowhere(member: str) -> StandingView:
    """No ladder is live for the member."""
    return StandingView(
        member=member,
        ladder="",
        level="",
        name="",
        rank=0,
        since=None,
        counted={},
        next=None,
        stay=None,
        review_at=None,
        grace_until=None,
        expected="",
        rising="",
        rises_at=None,
        protected=False,
        given=None,
    )


def goal_view(goal: Goal | None, language: str) -> GoalView | None:
    """A goal with all its ways."""
    if goal is None:
        return None
    ways = [[PartView(p.basis, p.needed, p.have, p.missing) for p in way] for way in goal.ways]
    return GoalView(level=goal.level.code, name=goal.level.name(language), ways=ways)


@dataclass(frozen=True, kw_only=True)
class ToldMove:
    """Something that moved a member, ready to be read."""

    title: str
    at: datetime
    tone: str
    meta: str


_TONES = {"level_reached": "good", "level_given": "accent", "level_fell": "warn"}


def why_moved(row: AppliedEffect, names: Mapping[str, str]) -> str:
    """The reason of a move, with the level as it is called today in the reader's language."""
    level = names.get(row.details.get("code", ""))
    return explain(row.reason, {**row.details, **({"level": level} if level else {})})


def tell_moves(rows: Iterable[AppliedEffect], *, names: Mapping[str, str]) -> list[ToldMove]:
    """Moves in the reader's language, as they come; ``names`` of levels by code."""
    return [
        ToldMove(
            title=why_moved(row, names),
            at=row.happened_at,
            tone="warn" if row.undone else _TONES.get(row.reason, "calm"),
            meta=gettext("Its sale came back") if row.undone else "",
        )
        for row in rows
    ]
