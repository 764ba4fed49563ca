"""Reads about missions, streaks and badges. All in the programme in scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from campaigns.challenges.models import Badge, Mission, Streak
from campaigns.challenges.rules.codes import code_at
from campaigns.challenges.rules.missions import SPEND, MissionTerms, mission_state, status_name
from campaigns.challenges.rules.periods import first_day, span_of, unit_number
from campaigns.challenges.rules.streaks import StreakState, StreakTerms, streak_state
from campaigns.challenges.rules.words import prize_text, target_text
from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.models import Activity, AppliedEffect, MemberStatus, Rule
from loyalty.engine.rules import period_start
from loyalty.engine.selectors import counting_rules
from loyalty.engine.shown import SHOWN, shown_name
from loyalty.engine.statuses import load_statuses, status_of
from loyalty.ledger.assets import unit_names
from loyalty.ledger.selectors import balances
from loyalty.tenancy.models import Location
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member

M = TypeVar("M", bound=Rule)


def counting_missions() -> list[MissionTerms]:
    """Every version of a mission that may count, by priority, newest version of a family first."""
    rows = counting_rules(Mission)
    return [row.terms() for row in sorted(rows, key=lambda row: (-row.priority, -row.pk))]


def counting_streaks() -> list[StreakTerms]:
    """Every version of a streak that may count, newest version of a family first."""
    rows = counting_rules(Streak)
    return [row.terms() for row in sorted(rows, key=lambda row: (-row.priority, -row.pk))]


@dataclass(frozen=True, kw_only=True)
class MissionProgress:
    """A mission before one member: ``done`` of ``target``; ``owed`` after a refund."""

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
    target_text: str
    prize: str

    @property
    def percent(self) -> int:
        """How much of the bar is filled."""
        return 100 if self.is_done else max(min(self.progress * 100 // self.target, 100), 0)


@dataclass(frozen=True, kw_only=True)
class StreakProgress:
    """A streak before one member; ``days`` are the newest fortnight (or weeks), oldest first."""

    streak: str
    name: str
    unit: str
    length: int
    best: int
    freezes: int
    days: tuple[tuple[date, str], ...]
    next_at: int | None
    next_prize: str


@dataclass(frozen=True, kw_only=True)
class HeldBadge:
    """A badge a member holds; ``award`` opens its public page."""

    badge: Badge
    award: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of a leaderboard. ``name`` is what the member chose to show, else their initials."""

    rank: int
    name: str
    amount: int
    is_me: bool


def _running(model: type[M], at: datetime) -> list[M]:
    rows: QuerySet[Any] = model._default_manager.filter(state__in=("live", "pilot"))
    begun = Q(starts_at=None) | Q(starts_at__lte=at)
    lasts = Q(ends_at=None) | Q(ends_at__gt=at)
    return list(rows.filter(begun, lasts).order_by("-priority", "id"))


def mission_progress(member: Member, *, at: datetime | None = None) -> list[MissionProgress]:
    """Every running mission before a member."""
    at = at or clock_now()
    programme = current_programme()
    known = {one.asset: one.balance for one in balances(holder_id=member.holder_id, at=at)}
    statuses, units = load_statuses([member.pk])[member.pk], unit_names()
    found = []
    for row in _running(Mission, at):
        terms = row.terms()
        span = span_of(terms.period, at, member.timezone or programme.timezone)
        state = mission_state(statuses.get(terms.status))
        shown = state.at(span.key)
        balance = len(shown.things) - shown.owed if terms.is_distinct else known.get(terms.asset, 0)
        before = mission_state(statuses.get(status_name(terms.after)))
        found.append(
            MissionProgress(
                mission=row.public_id,
                name=row.name,
                counts=terms.counts,
                target=terms.target,
                progress=max(balance, 0),
                owed=max(-balance, 0),
                is_done=state.is_done(span.key),
                is_open=not terms.after or before.times > 0,
                times=state.times,
                ends_at=span.ends_at or terms.ends_at,
                target_text=target_text(terms, currency=programme.currency),
                prize=prize_text(terms.prize, units),
            )
        )
    return found


def streak_progress(member: Member, *, at: datetime | None = None) -> list[StreakProgress]:
    """Every running streak before a member, with a calendar of its newest days or weeks."""
    at = at or clock_now()
    statuses = load_statuses([member.pk])[member.pk]
    zone, units = member.timezone or current_programme().timezone, unit_names()
    found = []
    for row in _running(Streak, at):
        terms = row.terms()
        state = streak_state(statuses.get(terms.status), terms)
        today = max(unit_number(terms.unit, local_day(at, zone)), state.last or 0)
        length = state.standing(today)
        position = terms.position(length) if length else 0
        coming = sorted((step for step in terms.steps if step.at > position), key=lambda s: s.at)
        days = tuple(
            (first_day(terms.unit, unit), _look(state, unit))
            for unit in range(today - 13, today + 1)
        )
        found.append(
            StreakProgress(
                streak=row.public_id,
                name=row.name,
                unit=terms.unit,
                length=length,
                best=state.best,
                freezes=state.freezes or 0,
                days=days,
                next_at=coming[0].at if coming else None,
                next_prize=prize_text(coming[0].prize, units) if coming else "",
            )
        )
    return found


def _look(state: StreakState, unit: int) -> str:
    if unit in state.units:
        return "kept"
    return "frozen" if unit in state.bridges else "missed"


def badges_of(member: Member) -> list[HeldBadge]:
    """The badges a member holds, newest first."""
    statuses = load_statuses([member.pk])[member.pk]
    held = {
        name.removeprefix("badge:"): status
        for name, status in statuses.items()
        if name.startswith("badge:") and status.value
    }
    rows = Badge.objects.filter(public_id__in=held)
    found = [
        HeldBadge(badge=row, award=held[row.public_id].value, since=held[row.public_id].since)
        for row in rows
    ]
    return sorted(found, key=lambda one: one.since, reverse=True)


def badges_given() -> list[Badge]:
    """The badges that can be won, in the order of the list."""
    return list(Badge.objects.filter(is_retired=False))


def access_badge(public_id: str) -> Badge:
    """A badge. Raises ``NotFound``."""
    found = Badge.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("badge_not_found", _("There is no such badge."), field="badge")
    return found


def awarded(badge: str, award: str) -> tuple[HeldBadge, Member, str]:
    """A badge by its public page, its holder, and the name they show. Raises ``NotFound``."""
    row = access_badge(badge)
    held = MemberStatus.objects.select_related("member").filter(
        name=f"badge:{badge}", value=award or "-"
    )
    status = held.order_by("pk").last()
    if status is None:
        raise NotFound("badge_not_found", _("There is no such badge."), field="badge")
    holder = status.member
    while holder.merged_into is not None:
        holder = holder.merged_into
    shown = HeldBadge(badge=row, award=award, since=status.since)
    return shown, holder, shown_name(holder, status_of(holder, SHOWN))


def running_streak(public_id: str) -> Streak:
    """A running streak by the id of any of its versions. Raises ``NotFound``."""
    for row in _running(Streak, clock_now()):
        if public_id in (row.public_id, row.family):
            return row
    raise NotFound("streak_not_found", _("There is no such streak."), field="streak")


def leaderboard(
    mission: str, *, period: str = "month", location: str = "", me: str = "", limit: int = 20
) -> list[Place]:
    """The first of a mission by what they added in a period, at one branch where it is named.

    Raises ``NotFound`` for a mission without a leaderboard.
    """
    row = next(
        (
            one
            for one in _running(Mission, clock_now())
            if one.leaderboard and mission in (one.public_id, one.family)
        ),
        None,
    )
    if row is None:
        raise NotFound("no_leaderboard", _("There is no such leaderboard."), field="mission")
    versions = [row.public_id, *row.earlier_versions()]
    rows = AppliedEffect.objects.filter(rule__in=versions, kind="mission_progress")
    since = period_start(period, clock_now(), current_programme().timezone)
    if since is not None:
        rows = rows.filter(happened_at__gte=since)
    if location:
        rows = rows.filter(activity__location__public_id=location)
    rows = rows.exclude(member__state=Member.State.ERASED)
    # Cards merged into one count as the person they are.
    whose = Coalesce("member__merged_into__merged_into", "member__merged_into", "member")
    sums = rows.values(whose=whose).annotate(total=Sum(F("amount") - F("undone")))
    first = list(sums.filter(total__gt=0).order_by("-total", "whose")[:limit])
    people = {one.pk: one for one in Member.objects.filter(pk__in=[s["whose"] for s in first])}
    shown = load_statuses(list(people)) if people else {}
    found: list[Place] = []
    for number, one in enumerate(first, start=1):
        person = people[one["whose"]]
        tied = bool(found) and found[-1].amount == one["total"]
        found.append(
            Place(
                rank=found[-1].rank if tied else number,
                name=shown_name(person, shown[person.pk].get(SHOWN)),
                amount=one["total"],
                is_me=person.public_id == me,
            )
        )
    return found


def location_of(location_id: int | None) -> Location | None:
    """The open place of a till, if it has one."""
    return Location.objects.filter(pk=location_id, is_active=True).first() if location_id else None


def till_code(location_id: int | None, *, at: datetime | None = None) -> str:
    """The check-in code the till of a place shows now; empty where the till has no place."""
    row = location_of(location_id)
    return code_at(row.public_id, at or clock_now()) if row else ""


def place_of(location: str) -> str:
    """The name of an open place. Raises ``NotFound``."""
    row = Location.objects.filter(public_id=location, is_active=True).first()
    if row is None:
        raise NotFound("location_not_found", _("There is no such place."), field="location")
    return str(row.name)


def checks_in_at_shops_alone() -> bool:
    """Do check-ins count with the code at a counter alone, by any running streak?"""
    running = _running(Streak, clock_now())
    return any(row.only_at_shop and "check_in" in row.activity_types for row in running)


def is_checked_in(member: Member) -> bool:
    """Did they check in on this local day of theirs already?"""
    day = local_day(clock_now(), member.timezone or current_programme().timezone)
    key = f"{member.public_id}:{day.isoformat()}"
    return Activity.objects.filter(type="check_in", key=key).exists()


def check_in_counts() -> bool:
    """Does any running streak count check-ins?"""
    return any("check_in" in row.activity_types for row in _running(Streak, clock_now()))


def boards(*, me: str) -> list[tuple[str, list[Place], bool]]:
    """The leaderboards of this month by the mission's name, and whether they count money."""
    running = [row for row in _running(Mission, clock_now()) if row.leaderboard]
    return [
        (row.name, leaderboard(row.public_id, me=me, limit=10), row.counts == SPEND)
        for row in running
    ]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one member stands in a challenge: progress of today's stretch, or the length of a row."""

    member: Member
    amount: int
    is_done: bool


def done_by() -> dict[str, int]:
    """How many members ever did a mission, or keep a row of days, by status name. One query."""
    rows = MemberStatus.objects.filter(value__in=("done", "running"))
    mine = rows.filter(Q(name__startswith="mission:") | Q(name__startswith="streak:"))
    return dict(mine.order_by().values_list("name").annotate(n=Count("pk")))


def mission_standings(row: Mission, *, limit: int = 100) -> list[Standing]:
    """The members furthest in a mission's stretch of today, in the programme's time zone."""
    terms = row.terms()
    span = span_of(terms.period, clock_now(), current_programme().timezone).key
    if terms.is_distinct:
        rows = MemberStatus.objects.filter(name=terms.status, data__span=span)
        made = {one.member_id: len(one.data["things"]) for one in rows[:limit]}
    else:
        effects = AppliedEffect.objects.filter(
            rule__in=[row.public_id, *row.earlier_versions()],
            kind="mission_progress",
            memo__span=span,
        )
        whose = Coalesce("member__merged_into__merged_into", "member__merged_into", "member")
        sums = effects.values(whose=whose).annotate(total=Sum(F("amount") - F("undone")))
        made = dict(sums.order_by("-total").values_list("whose", "total")[:limit])
    statuses = load_statuses(list(made)) if made else {}
    people = Member.objects.filter(pk__in=made).exclude(state=Member.State.ERASED)
    found = [
        Standing(
            member=one,
            amount=made[one.pk],
            is_done=mission_state(statuses[one.pk].get(terms.status)).is_done(span),
        )
        for one in people
        if made[one.pk] > 0
    ]
    return sorted(found, key=lambda one: -one.amount)


def streak_standings(row: Streak, *, limit: int = 100) -> list[Standing]:
    """The longest rows that hold today, of the members who played last."""
    terms = row.terms()
    today = unit_number(terms.unit, local_day(clock_now(), current_programme().timezone))
    statuses = MemberStatus.objects.select_related("member").filter(name=terms.status)
    living = statuses.filter(value="running", member__state=Member.State.ACTIVE)
    found = []
    for status in living.order_by("-changed_at")[:limit]:
        length = streak_state(status.view, terms).standing(today)
        if length:
            found.append(Standing(member=status.member, amount=length, is_done=False))
    return sorted(found, key=lambda one: -one.amount)


def running_missions() -> list[Mission]:
    """Every running mission, by priority."""
    return _running(Mission, clock_now())


def running_streaks() -> list[Streak]:
    """Every running streak, by priority."""
    return _running(Streak, clock_now())
