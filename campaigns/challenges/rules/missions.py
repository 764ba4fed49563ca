"""What a mission counts, and what is wrong with one: pure rules.

Progress that can be added up is a balance of the ledger; distinct things (products, places, lessons)
are a list in the member's status, each with the number of sales that stand for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.challenges.rules.periods import ONCE
from campaigns.challenges.rules.prizes import MAX_DAYS, Prize, points_problems
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.common.values import Value, once, value
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Basis
from loyalty.engine.restrictions import EVERYTHING, Restriction
from loyalty.engine.rules import RuleTerms
from loyalty.engine.status import Status
from loyalty.ledger.assets import AssetView

SPEND, VISITS, ITEMS, PRODUCTS, PLACES = "spend", "visits", "items", "products", "places"
TIMES, AMOUNT, THINGS = "times", "amount", "things"
OF_SALES = (SPEND, ITEMS, PRODUCTS)
OF_ACTIVITIES = (TIMES, AMOUNT, THINGS)
DISTINCT = (PRODUCTS, PLACES, THINGS)
MAX_THINGS = 500
_LONGEST_THING = 60


@dataclass(frozen=True, kw_only=True)
class MissionTerms(RuleTerms):
    """A published mission. ``family`` is the id of its first version: progress belongs to it.

    Args:
        counts: what is counted; ``activity`` the type of activity where it is not a sale.
        data_name: of the value in the activity's data that holds the amount or names the thing.
        at_least, at_most: one activity's amount below counts for nothing, above is refused.
        after: family of the mission that has to be done first.
        points_each: for each new thing, where distinct things are counted.
        goes_on: progress is counted beyond the target, for the leaderboard.
    """

    family: str = ""
    counts: str = VISITS
    activity: str = ""
    data_name: str = ""
    at_least: int | None = None
    at_most: int | None = None
    target: int = 1
    period: str = ONCE
    after: str = ""
    prize: Prize = Prize()
    points_each: int = 0
    goes_on: bool = False
    restriction: Restriction = EVERYTHING

    @once
    def asset(self) -> str:
        """The code of the asset its progress is counted in."""
        return f"progress:{self.family}"

    @once
    def status(self) -> str:
        """The name of a member's status with it."""
        return status_name(self.family)

    @once
    def is_distinct(self) -> bool:
        """Does it count distinct things?"""
        return self.counts in DISTINCT

    def counted_in(self) -> tuple[AssetView, ...]:
        own = AssetView(
            code=self.asset,
            kind="counter",
            name_vi=f"tiến độ {self.name}"[:60],
            name_en=f"progress {self.name}"[:60],
            value_minor=0,
            value_units=1,
        )
        return (own,)

    def problems(self) -> list[DomainError]:
        found = [
            *self.restriction.problems(),
            *points_problems(self.prize.points, field="points"),
            *points_problems(self.points_each, field="points_each"),
        ]
        maximum = MAX_THINGS if self.is_distinct else MAX_MINOR
        if not 1 <= self.target <= maximum:
            found.append(_out_of_range("target", 1, maximum))
        if not 0 <= self.prize.points_days <= MAX_DAYS:
            found.append(_out_of_range("points_days", 0, MAX_DAYS))
        return [*found, *_activity_problems(self), *_together_problems(self)]


def status_name(family: str) -> str:
    """The name of a member's status with a mission."""
    return f"mission:{family}"


def _out_of_range(name: str, minimum: int, maximum: int) -> Invalid:
    return Invalid(
        "out_of_range",
        _("Give a number from %(minimum)s to %(maximum)s.")
        % {"minimum": minimum, "maximum": maximum},
        field=name,
        params={"minimum": minimum, "maximum": maximum},
    )


def _activity_problems(mission: MissionTerms) -> list[DomainError]:
    found: list[DomainError] = []
    if mission.counts in OF_ACTIVITIES and not mission.activity:
        found.append(Invalid("required", _("Say which activity counts."), field="activity_type"))
    if mission.counts in OF_ACTIVITIES and mission.activity == PURCHASE:
        found.append(
            Invalid(
                "bad_activity_type",
                _("Sales are counted by money, visits, items, products or places."),
                field="activity_type",
            )
        )
    if mission.counts in OF_SALES and mission.activity:
        found.append(
            Invalid(
                "bad_activity_type",
                _("This is counted of sales. Leave the activity empty."),
                field="activity_type",
            )
        )
    if mission.counts in (AMOUNT, THINGS) and not mission.data_name:
        found.append(
            Invalid("required", _("Say which value of the activity counts."), field="data_name")
        )
    bounds = (mission.at_least, mission.at_most)
    if any(bound is not None for bound in bounds) and not mission.data_name:
        found.append(
            Invalid("required", _("Say which value of the activity counts."), field="data_name")
        )
    if mission.counts == AMOUNT and mission.at_most is None:
        found.append(
            Invalid(
                "required",
                _("Say what is the most one activity can be: more is a mistake."),
                field="at_most",
            )
        )
    for name, bound in zip(("at_least", "at_most"), bounds, strict=True):
        if bound is not None and not 0 <= bound <= MAX_MINOR:
            found.append(_out_of_range(name, 0, MAX_MINOR))
    if None not in bounds and (mission.at_most or 0) < (mission.at_least or 0):
        found.append(Invalid("bad_order", _("The most is less than the least."), field="at_most"))
    return found


def _together_problems(mission: MissionTerms) -> list[DomainError]:
    found: list[DomainError] = []
    if mission.goes_on and mission.is_distinct:
        found.append(
            Invalid(
                "no_leaderboard",
                _("A leaderboard needs what can be added up, not distinct things."),
                field="leaderboard",
            )
        )
    if mission.points_each and not mission.is_distinct:
        found.append(
            Invalid(
                "only_for_things",
                _("Points for each are for distinct things alone."),
                field="points_each",
            )
        )
    if mission.after and mission.after == mission.family:
        found.append(Invalid("bad_order", _("A mission cannot wait for itself."), field="after"))
    return found


@value
class Measured(Value):
    """What an activity adds: ``units``, or distinct ``things`` each with the lines it came from."""

    units: int = 0
    basis: Basis = ()
    things: tuple[tuple[str, Basis], ...] = ()


ONE_VISIT = Measured(units=1)


def measure(mission: MissionTerms, activity: ActivityData) -> Measured | None:
    """What the activity adds to the mission; ``None`` for nothing.

    Raises ``Invalid`` (``data.<name>``) for an amount that is no whole number, negative, or above
    what the mission takes one activity to be at most.
    """
    if activity.type != (mission.activity or PURCHASE):
        return None
    if mission.counts in OF_ACTIVITIES:
        return _measure_data(mission, activity)
    if activity.sale is not None:
        return _measure_sale(mission, activity)
    if mission.restriction.locations and activity.location not in mission.restriction.locations:
        return None
    if mission.counts == PLACES:
        return _place(activity)
    return ONE_VISIT if mission.counts == VISITS else None


def _measure_sale(mission: MissionTerms, activity: ActivityData) -> Measured | None:
    goods = mission.restriction.goods(activity)
    lines = goods.lines
    if not lines:
        return None
    if mission.counts == VISITS:
        return ONE_VISIT
    if mission.counts == PLACES:
        return _place(activity)
    if mission.counts == PRODUCTS:
        things: dict[str, list[tuple[int, int]]] = {}
        for line in lines:
            if line.sku:
                things.setdefault(line.sku, []).append((line.number, line.net_minor))
        found = tuple((sku, tuple(basis)) for sku, basis in things.items())
        return Measured.made(things=found) if found else None
    if mission.counts == SPEND:
        units, basis = goods.total, goods.parts
    else:
        basis = tuple([(line.number, line.quantity_milli - line.free_milli) for line in lines])
        units = sum([weight for _line, weight in basis]) // 1000
    return Measured.made(units=units, basis=basis) if units > 0 else None


def _place(activity: ActivityData) -> Measured | None:
    return Measured.made(things=((activity.location, ()),)) if activity.location else None


def _measure_data(mission: MissionTerms, activity: ActivityData) -> Measured | None:
    value = activity.data.get(mission.data_name) if mission.data_name else None
    if mission.counts == THINGS:
        if value is None:
            return None
        if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            raise Invalid("bad_value", _("Give a short text."), field=f"data.{mission.data_name}")
        return Measured.made(things=((str(value)[:_LONGEST_THING], ()),))
    bounded = mission.at_least is not None or mission.at_most is not None
    if mission.counts == TIMES and not bounded:
        return Measured.made(units=1)
    if value is None:
        return None
    amount = checked_amount(mission, value)
    if amount < (mission.at_least or 0) or amount == 0:
        return None
    return Measured.made(units=1 if mission.counts == TIMES else amount)


def checked_amount(mission: MissionTerms, value: Any) -> int:
    """An amount from outside. Raises ``Invalid`` naming the value, with the bound it breaks."""
    where = f"data.{mission.data_name}"
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Invalid("not_an_integer", _("Give a whole number from 0."), field=where)
    most = mission.at_most if mission.at_most is not None else MAX_MINOR
    if value > most:
        raise Invalid(
            "out_of_range",
            _("At most %(maximum)s at a time. Check the unit.") % {"maximum": most},
            field=where,
            params={"maximum": most},
        )
    return value


@value
class MissionState(Value):
    """Where a member stands with a mission, beside the balance of its progress.

    Args:
        times: how often it was done; ``done_in`` the last stretch it was done in.
        span: the stretch ``things`` belong to; ``things`` how many sales stand for each.
        needed: how many things it took when it was done; ``owed`` what a used reward left open.
    """

    times: int = 0
    done_in: str | None = None
    span: str = ""
    things: Mapping[str, int] = field(default_factory=dict)
    needed: int = 0
    owed: int = 0

    def is_done(self, span: str) -> bool:
        """Was it done in this stretch?"""
        return self.times > 0 and self.done_in == span

    def at(self, span: str) -> MissionState:
        """The same in a stretch that may have begun since: no things yet, debts come along."""
        if span == self.span:
            return self
        owed = self.owed
        if self.is_done(self.span):
            owed = max(self.needed - len(self.things), 0)
        return MissionState(times=self.times, done_in=self.done_in, span=span, owed=owed)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "times": self.times,
            "done_in": self.done_in,
            "span": self.span,
            "things": dict(self.things),
            "needed": self.needed,
            "owed": self.owed,
        }


_UNTOUCHED = MissionState()


def mission_state(status: Status | None) -> MissionState:
    """What a status says; nothing done yet where there is none."""
    if status is None:
        return _UNTOUCHED
    known = status.readings.get("mission")
    if known is None:
        known = status.readings["mission"] = MissionState(**status.data)
    state: MissionState = known
    return state


def as_status(state: MissionState, *, now: datetime) -> Status:
    """The state as a status; its value says whether it was ever done."""
    return Status.made(value="done" if state.times else "open", since=now, data=state.plain())


def joined(own: MissionState, other: MissionState) -> MissionState:
    """What two cards of one person did, as one: the newer stretch's things, all that was done."""
    newer, older = (own, other) if own.span >= other.span else (other, own)
    things = dict(newer.things)
    is_same = newer.span == older.span
    if is_same:
        for thing, number in older.things.items():
            things[thing] = things.get(thing, 0) + number
    return MissionState(
        times=own.times + other.times,
        done_in=max((one.done_in for one in (own, other) if one.done_in is not None), default=None),
        span=newer.span,
        things=things,
        needed=max(newer.needed, older.needed) if is_same else newer.needed,
        owed=newer.owed + older.owed if is_same else newer.owed,
    )
