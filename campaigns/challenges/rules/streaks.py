"""Streaks: days or weeks in a row, in the member's own time zone. Pure rules on numbered units.

What must stay true: a unit counts once however often the member comes, a leap day and a new year are
days like others, and a move to another time zone neither breaks a streak nor wins a day.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.challenges.rules.freezes import (
    Moved,
    Purse,
    given_back,
    not_missed,
    plain_freezes,
    read_freezes,
)
from campaigns.challenges.rules.periods import DAY, unit_number
from campaigns.challenges.rules.prizes import MAX_DAYS, Prize, points_problems
from loyalty.common.clock import local_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.values import Value, changed, once, value
from loyalty.engine.rules import RuleTerms
from loyalty.engine.status import Late, Status
from loyalty.ledger.assets import AssetView

MAX_STEPS = 20
MAX_LENGTH = 1_000
MAX_FREEZES = 30
# Units kept one by one, for the calendar and for refunds; what is older is a number.
KEPT = 120


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a length in a row gives; counted within the cycle where the streak has one."""

    at: int
    prize: Prize


@dataclass(frozen=True, kw_only=True)
class StreakTerms(RuleTerms):
    """A published streak. ``family`` is the id of its first version: the days belong to it.

    Args:
        unit: ``day`` or ``week``; ``activities`` the types that count for it.
        points_each: for each new day or week; ``points_days`` how long points live, 0 for ever.
        cycle: after so many in a row the steps begin anew; 0 never.
        only_at_shop: a check-in counts where it was made with the code of a till.
        freezes_first: freezes a member begins with, ``freeze_every``: one more for so many in a
            row (0: none), never more than ``freezes_most``.
        unknown_steps: places in the list of steps that make no sense.
    """

    family: str = ""
    unit: str = DAY
    activities: tuple[str, ...] = ()
    points_each: int = 0
    points_days: int = 0
    steps: tuple[Step, ...] = ()
    unknown_steps: tuple[int, ...] = ()
    cycle: int = 0
    only_at_shop: bool = False
    freezes_first: int = 0
    freeze_every: int = 0
    freezes_most: int = 0

    @once
    def asset(self) -> str:
        """What its effects are recorded under."""
        return f"streak:{self.family}"

    @once
    def status(self) -> str:
        """The name of a member's status with it."""
        return f"streak:{self.family}"

    def counted_in(self) -> tuple[AssetView, ...]:
        own = AssetView(
            code=self.asset,
            kind="counter",
            name_vi=f"chuỗi {self.name}"[:60],
            name_en=f"streak {self.name}"[:60],
            value_minor=0,
            value_units=1,
        )
        return (own,)

    def position(self, length: int) -> int:
        """A length as the steps count it, from 1."""
        return (length - 1) % self.cycle + 1 if self.cycle else length

    def problems(self) -> list[DomainError]:
        found = list(points_problems(self.points_each, field="points_each"))
        ranges = (
            ("cycle", self.cycle, MAX_LENGTH),
            ("points_days", self.points_days, MAX_DAYS),
            ("freezes_first", self.freezes_first, min(self.freezes_most, MAX_FREEZES)),
            ("freezes_most", self.freezes_most, MAX_FREEZES),
            ("freeze_every", self.freeze_every, MAX_LENGTH),
        )
        found += [
            Invalid(
                "out_of_range",
                _("Give a number from %(minimum)s to %(maximum)s.")
                % {"minimum": 0, "maximum": most},
                field=name,
                params={"minimum": 0, "maximum": most},
            )
            for name, value, most in ranges
            if not 0 <= value <= most
        ]
        if not self.activities or len(self.activities) > MAX_STEPS:
            text = _("Say which activities count.")
            found.append(Invalid("required", text, field="activity_types"))
        return [*found, *_step_problems(self)]


def _step_problems(streak: StreakTerms) -> list[DomainError]:
    if len(streak.steps) + len(streak.unknown_steps) > MAX_STEPS:
        return [Invalid("too_many", _("At most %(n)s steps.") % {"n": MAX_STEPS}, field="steps")]
    wrong, seen = set(streak.unknown_steps), set[int]()
    most = streak.cycle or MAX_LENGTH
    for number, step in enumerate(streak.steps):
        if step.at in seen or not 1 <= step.at <= most or step.prize.is_empty:
            wrong.add(number)
        seen.add(step.at)
    return [
        Invalid(
            "bad_step",
            _(
                "A step has a length of its own (at, from 1 to %(most)s), and gives points, a reward "
                "or a badge of the lists."
            )
            % {"most": most},
            field=f"steps.{number}",
        )
        for number in sorted(wrong)
    ]


@value
class StreakState(Value):
    """The days or weeks of one member, by number.

    Args:
        units: how many activities stand for each; ``bridges`` those a freeze or a move to another
            zone covers: they hold the streak together and count for nothing.
        before: (unit, length) of the chain that ends where the kept units begin.
        best: the longest there was; ``older``: of what is no longer kept one by one.
        moved: how many freezes a unit used, and how many it won, where it did either.
        purses: the freezes of the cards this row was joined from, each with what its units moved.
        zone: the zone the last one was counted in.
    """

    units: Mapping[int, int] = field(default_factory=dict)
    bridges: frozenset[int] = frozenset()
    before: tuple[int, int] | None = None
    freezes: int | None = None
    best: int = 0
    older: int = 0
    moved: Moved = field(default_factory=dict)
    purses: tuple[Purse, ...] = ()
    zone: str = ""

    @once
    def last(self) -> int | None:
        """The newest unit that counts."""
        return max(self.units, default=None)

    @property
    def length(self) -> int:
        """How many in a row, up to the newest one."""
        return 0 if self.last is None else self.length_to(self.last)

    def length_to(self, unit: int) -> int:
        """How many in a row end with a unit."""
        return _length(self.units, self.bridges, self.before, unit)

    def standing(self, today: int) -> int:
        """How many in a row hold on a day: none where more was missed than freezes cover."""
        if self.last is None or today - self.last - 1 > (self.freezes or 0):
            return 0
        return self.length

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "units": {str(unit): count for unit, count in sorted(self.units.items())},
            "bridges": sorted(self.bridges),
            "before": list(self.before) if self.before else None,
            "freezes": self.freezes,
            "best": self.best,
            "older": self.older,
            **plain_freezes(self.moved, self.purses),
            "zone": self.zone,
        }


def _length(
    units: Container[int], bridges: Container[int], before: tuple[int, int] | None, unit: int
) -> int:
    found = 0
    while unit in units or unit in bridges:
        found += unit in units
        unit -= 1
    if before is not None and before[0] == unit:
        found += before[1]
    return found


def streak_state(status: Status | None, streak: StreakTerms) -> StreakState:
    """What a status says; a new member begins with the freezes of the rule."""
    if status is None or not status.data:
        return StreakState(freezes=streak.freezes_first)
    return state_of(status)


def state_of(status: Status) -> StreakState:
    """What a status that was written says. Read once."""
    known = status.readings.get("streak")
    if known is None:
        known = status.readings["streak"] = _read(status.data)
    state: StreakState = known
    return state


def _read(data: Mapping[str, Any]) -> StreakState:
    return StreakState(
        units={int(unit): count for unit, count in data["units"].items()},
        bridges=frozenset(data["bridges"]),
        before=(data["before"][0], data["before"][1]) if data["before"] else None,
        freezes=data["freezes"],
        best=data["best"],
        # Written before these were kept: what it says stays.
        older=data.get("older", data["best"]),
        **read_freezes(data),
        zone=data["zone"],
    )


def as_status(state: StreakState, *, now: datetime) -> Status:
    """The state as a status."""
    value = "running" if state.units else "open"
    return Status.made(value=value, since=now, data=Late(state.plain), readings={"streak": state})


@value
class Counted(Value):
    """The state after an activity: which unit it stands for, and the lengths it reached anew."""

    state: StreakState
    unit: int
    is_new: bool
    reached: tuple[int, ...] = ()


def count(
    streak: StreakTerms, state: StreakState, *, at: datetime, zone: str, unit: int | None = None
) -> Counted:
    """Count an activity at an instant in the member's present zone.

    Where the zone changed since the last one, the activity is a new day only if it is one in both
    zones, and a day that the move itself skipped is no gap.

    Args:
        unit: of a repair by staff; the instant's own otherwise.
    """
    if unit is not None:
        return _insert(streak, state, unit, gap_from=None, zone=state.zone or zone)
    here = unit_number(streak.unit, local_day(at, zone))
    last = state.last
    if last is None or state.zone in ("", zone):
        return _insert(streak, state, here, gap_from=last, zone=zone)
    there = unit_number(streak.unit, local_day(at, state.zone))
    if min(here, there) <= last < max(here, there):
        return _insert(streak, state, last, gap_from=None, zone=state.zone)
    moved = frozenset(range(last + 1, here)) if there == last + 1 and here > there else frozenset()
    bridged = changed(state, bridges=state.bridges | moved)
    return _insert(streak, bridged, here, gap_from=None if moved else last, zone=zone)


def _insert(
    streak: StreakTerms, state: StreakState, unit: int, *, gap_from: int | None, zone: str
) -> Counted:
    units = {**state.units, unit: state.units.get(unit, 0) + 1}
    if units[unit] > 1:
        return Counted.made(state=changed(state, units=units), unit=unit, is_new=False)
    if state.before is not None and unit <= state.before[0]:
        return Counted.made(state=state, unit=unit, is_new=False)
    freezes, used, won = state.freezes or 0, 0, 0
    bridges, known = state.bridges, state.moved
    if unit in bridges:
        bridges -= {unit}
        known, used, back = not_missed(unit, state.moved)
        freezes = min(freezes + back, max(streak.freezes_most, freezes))
    if gap_from is not None and 0 < unit - gap_from - 1 <= freezes:
        bridges |= frozenset(range(gap_from + 1, unit))
        used = unit - gap_from - 1
        freezes -= used
    end, last = unit, state.last
    while last is not None and end < last and (end + 1 in units or end + 1 in bridges):
        end += 1
    length = _length(units, bridges, state.before, end)
    # Put between two rows it joins them: what the later one had reached by itself is not new.
    reached = (length,) if end == unit else tuple(range(state.length_to(end) + 1, length + 1))
    if streak.freeze_every:
        due = sum([one % streak.freeze_every == 0 for one in reached])
        won = max(min(due, streak.freezes_most - freezes), 0)
        freezes += won
    after = StreakState.made(
        units=units,
        bridges=bridges,
        before=state.before,
        freezes=freezes,
        best=max(state.best, length),
        older=state.older,
        moved={**known, unit: (used, won)} if used or won else known,
        purses=state.purses,
        zone=zone,
    )
    return Counted.made(state=_trimmed(after), unit=unit, is_new=True, reached=reached)


def _trimmed(state: StreakState) -> StreakState:
    if len(state.units) <= KEPT:
        return state
    last = state.last
    assert last is not None
    bound = last - KEPT
    if min(state.units) > bound:
        return state
    length = state.length_to(bound)
    gone = [state.length_to(unit) for unit in state.units if unit <= bound]
    units = {unit: count for unit, count in state.units.items() if unit > bound}
    return changed(
        state,
        older=max(state.older, *gone),
        moved={unit: both for unit, both in state.moved.items() if unit in units},
        purses=tuple(one.kept(units) for one in state.purses),
        units=units,
        bridges=frozenset(unit for unit in state.bridges if unit > bound),
        before=(bound, length) if length else None,
    )


def take_off(state: StreakState, unit: int) -> StreakState:
    """The state without one activity of a unit; what is no longer kept one by one stays.

    With its last activity a unit falls as if it had never been: the freezes it used are there again,
    those it won are gone, and the record is what the others reach.
    """
    if unit not in state.units:
        return state
    units = {**state.units, unit: state.units[unit] - 1}
    if units[unit]:
        return changed(state, units=units)
    del units[unit]
    more, bridged, purses = given_back(unit, state.moved, state.purses)
    fallen = changed(
        state,
        units=units,
        bridges=state.bridges - frozenset(range(unit - bridged, unit)),
        freezes=max((state.freezes or 0) + more, 0),
        moved={one: both for one, both in state.moved.items() if one != unit},
        purses=purses,
    )
    longest = max(map(fallen.length_to, units), default=0)
    return changed(fallen, best=min(state.best, max(state.older, longest)))


def joined(own: StreakState, other: StreakState) -> StreakState:
    """The rows of two cards of one person as one. What the joined row reaches by that gives nothing."""
    units = dict(own.units)
    for unit, number in other.units.items():
        units[unit] = units.get(unit, 0) + number
    newer = own if (own.last or 0) >= (other.last or 0) else other
    purses = tuple(
        Purse(freezes=one.freezes, moved=one.moved, purses=one.purses)
        for one in (own, other)
        if one.freezes is not None
    )
    state = StreakState(
        units=units,
        bridges=(own.bridges | other.bridges) - units.keys(),
        before=max((one.before for one in (own, other) if one.before), default=None),
        freezes=max((one.freezes for one in purses), default=None),
        older=max(own.older, other.older),
        purses=purses,
        zone=newer.zone,
    )
    state = changed(state, best=max(own.best, other.best, state.length))
    return _trimmed(state) if units else state
