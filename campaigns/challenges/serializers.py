"""Shapes of the challenges API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from campaigns.challenges.selectors import HeldBadge, MissionProgress, StreakProgress
from loyalty.web.api import Body, Choice, Flag, PublicId, Query, Text, Whole


class CheckInBody(Body):
    """Who checks in, and where."""

    member = PublicId(prefix="mem")
    location = PublicId(prefix="loc", required=False)
    code = Text(maximum=12, required=False, help_text="What the till of that place shows.")


class BadgeBody(Body):
    """A badge."""

    name_vi = Text(maximum=60)
    name_en = Text(maximum=60, required=False)
    text_vi = Text(maximum=200, required=False)
    text_en = Text(maximum=200, required=False)
    shape = Text(maximum=10, required=False)
    colour = Text(maximum=7, required=False)


class BadgeChangeBody(Body):
    """What of a badge is to change; what is left out stays."""

    name_vi = Text(maximum=60, required=False)
    name_en = Text(maximum=60, required=False)
    text_vi = Text(maximum=200, required=False)
    text_en = Text(maximum=200, required=False)
    shape = Text(maximum=10, required=False)
    colour = Text(maximum=7, required=False)
    is_retired = Flag(required=False, help_text="Forms offer it no more; who holds it keeps it.")


class FreezesBody(Body):
    """How many, of which streak, and why."""

    streak = PublicId(prefix="rul")
    freezes = Whole(minimum=1, maximum=30)
    reason = Text(maximum=200)


class ShownNameBody(Body):
    """The name to show."""

    name = Text(maximum=40, required=False)


class BoardQuery(Query):
    """Which stretch and which branch."""

    period = Choice(choices=["day", "week", "month", "year", "ever"], required=False)
    location = PublicId(prefix="loc", required=False)


@dataclass(frozen=True, kw_only=True)
class MissionProgressView:
    """A mission before a member: ``progress`` of ``target``; ``owed`` after a refund."""

    mission: str
    name: str
    counts: str
    target: int
    progress: int
    owed: int
    is_done: bool
    is_open: bool
    times: int
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StreakProgressView:
    """A streak before a member, in days or weeks."""

    streak: str
    name: str
    unit: str
    length: int
    best: int
    freezes: int
    next_at: int | None


@dataclass(frozen=True, kw_only=True)
class HeldBadgeView:
    """A badge a member holds."""

    badge: str
    name: str
    award: str
    since: date


def present_mission(one: MissionProgress) -> MissionProgressView:
    """For the API."""
    return MissionProgressView(
        mission=one.mission,
        name=one.name,
        counts=one.counts,
        target=one.target,
        progress=one.progress,
        owed=one.owed,
        is_done=one.is_done,
        is_open=one.is_open,
        times=one.times,
        ends_at=one.ends_at,
    )


def present_streak(one: StreakProgress) -> StreakProgressView:
    """For the API."""
    return StreakProgressView(
        streak=one.streak,
        name=one.name,
        unit=one.unit,
        length=one.length,
        best=one.best,
        freezes=one.freezes,
        next_at=one.next_at,
    )


def present_held(one: HeldBadge) -> HeldBadgeView:
    """For the API."""
    return HeldBadgeView(
        badge=one.badge.public_id, name=str(one.badge), award=one.award, since=one.since.date()
    )
