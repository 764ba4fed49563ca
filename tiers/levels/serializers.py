"""Shapes of the levels API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from loyalty.engine.models import AppliedEffect, MemberStatus
from loyalty.web.api import Body, Instant, Query, Text
from tiers.levels.models import ReviewWalk
from tiers.levels.results import why_moved
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.level import LevelTerms


class GiveLevelBody(Body):
    """A level given by hand."""

    level = Text(maximum=40, help_text="Code of a level of the member's ladder.")
    reason = Text(maximum=200)
    until = Instant(required=False, help_text="Missing: until it is taken back.")


class EndGivenLevelBody(Body):
    """A level given by hand taken back."""

    reason = Text(maximum=200, required=False)


class LevelHoldersQuery(Query):
    """Whose level."""

    level = Text(maximum=40, required=False)


@dataclass(frozen=True)
class LevelView:
    """A level. ``enter`` and ``keep`` list ways, each a set of least figures; one way is enough."""

    code: str
    rank: int
    name_vi: str
    name_en: str
    enter: list[dict[str, int]]
    keep: list[dict[str, int]]
    for_life: bool
    factor_bp: int
    discount_bp: int
    free_delivery: bool
    early_access: bool
    birthday_reward: str
    perk_vi: str
    perk_en: str


@dataclass(frozen=True)
class LadderView:
    """A ladder in force, its levels from the lowest up."""

    id: str
    family: str
    name: str
    window: str
    window_months: int | None
    window_dates: list[str]
    rise: str
    fall: str
    after_refund: str
    levels: list[LevelView]


@dataclass(frozen=True)
class LevelMoveView:
    """Something that moved a member: why, from which level to which. ``undone``: its sale came back."""

    id: str
    happened_at: datetime
    level: str
    before: str
    reason: str
    text: str
    undone: bool


@dataclass(frozen=True)
class LevelHolderView:
    """Who holds which level, since when, and when it is looked at."""

    member: str
    level: str
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class ReviewWalkView:
    """A walk over members: the `review` of all who were due, or after an `edit` over everybody; how
    far it is and what came of it.
    """

    id: str
    kind: str
    started_at: datetime
    finished_at: datetime | None
    total: int
    done: int
    rose: int
    fell: int
    failed: int


def present_ladder(terms: LadderTerms) -> LadderView:
    """A ladder for the API."""
    window = terms.window
    return LadderView(
        id=terms.public_id,
        family=terms.family,
        name=terms.name,
        window=window.kind,
        window_months=window.months if window.is_rolling else None,
        window_dates=list(window.dates),
        rise=terms.rise,
        fall=terms.fall,
        after_refund=terms.after_refund,
        levels=[_level(one, rank) for rank, one in enumerate(terms.levels, start=1)],
    )


def _level(one: LevelTerms, rank: int) -> LevelView:
    return LevelView(
        code=one.code,
        rank=rank,
        name_vi=one.name("vi"),
        name_en=one.name("en"),
        enter=[dict(way) for way in one.enter],
        keep=[dict(way) for way in one.keep],
        for_life=one.for_life,
        factor_bp=one.factor_bp,
        discount_bp=one.discount_bp,
        free_delivery=one.free_delivery,
        early_access=one.early_access,
        birthday_reward=one.birthday_reward,
        perk_vi=one.perk_vi,
        perk_en=one.perk_en,
    )


def present_move(row: AppliedEffect, names: Mapping[str, str]) -> LevelMoveView:
    """A move for the API, with its reason in the reader's language; ``names`` of levels by code."""
    return LevelMoveView(
        id=row.activity.public_id,
        happened_at=row.happened_at,
        level=row.memo.get("level", ""),
        before=row.memo.get("before", ""),
        reason=row.reason,
        text=why_moved(row, names),
        undone=bool(row.undone),
    )


def present_holder(row: MemberStatus) -> LevelHolderView:
    """A member with a level for the API."""
    return LevelHolderView(
        member=row.member.public_id, level=row.value, since=row.since, due_at=row.due_at
    )


def present_walk(row: ReviewWalk) -> ReviewWalkView:
    """A walk for the API."""
    return ReviewWalkView(
        id=row.public_id,
        kind=str(row.kind),
        started_at=row.started_at,
        finished_at=row.finished_at,
        total=row.total,
        done=row.done,
        rose=row.rose,
        fell=row.fell,
        failed=row.failed,
    )
