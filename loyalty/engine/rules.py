"""What every mechanic's configuration can do, as plain values and pure functions.

A rule has a life (draft, pilot, live, paused, ended), a time window, an audience, a priority and
limits. Whether it applies to an activity is decided here, for all mechanics alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.common.clock import local_day, start_of_day
from loyalty.common.errors import DomainError
from loyalty.common.values import once
from loyalty.engine.activity import ActivityData, Sale
from loyalty.engine.conditions import Condition
from loyalty.engine.effects import Basis
from loyalty.engine.facts import OF_ACTIVITY, Facts
from loyalty.ledger.assets import AssetView

PERIODS = ("day", "week", "month", "year", "ever")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most ``maximum`` per period: of awards (``times``) or of what is awarded (``amount``).

    ``by_all`` counts all members together. ``rejects`` drops an award that would exceed it; the
    default caps the award to what is left.
    """

    maximum: int
    period: str = "day"
    measure: str = "amount"
    by_all: bool = False
    rejects: bool = False


@dataclass(frozen=True, kw_only=True)
class RuleTerms:
    """The part of a rule that all mechanics share. ``earlier``: its versions before this one."""

    public_id: str
    name: str
    earlier: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: tuple[int, ...] = ()
    minute_from: int = 0
    minute_to: int = 1440
    audience: tuple[Condition, ...] = ()
    pilot: bool = False
    pilot_audience: tuple[Condition, ...] = ()
    holdout_bp: int = 0
    priority: int = 0
    stacking_group: str = ""
    limits: tuple[Limit, ...] = ()
    budget: int | None = None

    @once
    def is_for_all(self) -> bool:
        """Is nobody asked for anything nor left out, at any time of its days?"""
        hours = self.weekdays or self.minute_from != 0 or self.minute_to != 1440
        return not (hours or self.audience or self.pilot or self.holdout_bp)

    @once
    def is_unlimited(self) -> bool:
        """Does neither a limit nor a budget hold it?"""
        return not self.limits and self.budget is None

    def counted_in(self) -> tuple[AssetView, ...]:
        """Assets of the rule's own (the stamps of a card); publishing the rule opens them."""
        return ()

    def problems(self) -> list[DomainError]:
        """What is wrong with the rule's own fields, for subclasses; told before a draft is kept."""
        return []

    def missing(self) -> list[DomainError]:
        """What a draft may leave for later but nobody may publish without, for subclasses."""
        return []


def applies(rule: RuleTerms, activity: ActivityData, facts: Facts) -> bool:
    """Does the rule apply to this activity of this member, limits aside?"""
    at = activity.happened_at
    if (rule.starts_at and at < rule.starts_at) or (rule.ends_at and at >= rule.ends_at):
        return False
    if rule.is_for_all:
        return True
    if rule.weekdays or rule.minute_from != 0 or rule.minute_to != 1440:
        local = at.astimezone(ZoneInfo(facts.terms.timezone))
        if not in_window(rule, local):
            return False
    if rule.holdout_bp and held_out(rule.public_id, facts.member.public_id, rule.holdout_bp):
        return False
    look_up = fact_of(activity, facts)
    asked = (*rule.pilot_audience, *rule.audience) if rule.pilot else rule.audience
    return all(one.holds(look_up) for one in asked)


def in_window(rule: RuleTerms, local: datetime) -> bool:
    """Is a local instant inside the weekly window? A window over midnight belongs to its start."""
    minute = local.hour * 60 + local.minute
    day = local.isoweekday()
    if rule.minute_from <= rule.minute_to:
        inside = rule.minute_from <= minute < rule.minute_to
    else:
        inside = minute >= rule.minute_from or minute < rule.minute_to
        if minute < rule.minute_to:
            day = (local - timedelta(days=1)).isoweekday()
    return inside and (not rule.weekdays or day in rule.weekdays)


def held_out(rule: str, member: str, share_bp: int) -> bool:
    """Is the member in the rule's control group? Stable for the pair, no row needed."""
    digest = hashlib.sha256(f"{rule}/{member}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 10_000 < share_bp


def fact_of(activity: ActivityData, facts: Facts) -> Callable[[str], Any]:
    """Look a fact up: those of the activity first, then those of the member."""

    def look_up(name: str) -> Any:
        own = OF_ACTIVITY.get(name)
        return own(activity, facts.terms.timezone) if own else facts[name]

    return look_up


def capped(rule: RuleTerms, amount: int, facts: Facts, *, at: datetime) -> int:
    """What the rule's limits and budget leave of an award; 0 means none. One query for each.

    An effect of a rule with a budget says ``"budgeted": True`` in its details, so that it is spent.
    """
    if rule.is_unlimited:
        return amount
    for limit in rule.limits:
        since = period_start(limit.period, at, facts.terms.timezone)
        used = facts.used(rule.public_id, *rule.earlier, since=since, by_all=limit.by_all)
        if limit.measure == "times":
            amount = amount if used.count < limit.maximum else 0
        else:
            left = max(limit.maximum - used.amount, 0)
            amount = 0 if limit.rejects and amount > left else min(amount, left)
        if amount == 0:
            return 0
    if rule.budget is not None:
        left_in_all = facts.budget_left(rule.public_id)
        amount = min(amount, rule.budget if left_in_all is None else left_in_all)
    return amount


def period_start(period: str, at: datetime, zone: str) -> datetime | None:
    """The first instant of the local day, week, month or year an instant lies in."""
    if period == "ever":
        return None
    return _period_start(period, local_day(at, zone), zone)


@lru_cache(maxsize=4_096)
def _period_start(period: str, day: date, zone: str) -> datetime:
    if period == "week":
        day -= timedelta(days=day.weekday())
    elif period == "month":
        day = day.replace(day=1)
    elif period == "year":
        day = day.replace(month=1, day=1)
    return start_of_day(day, zone)


def share_of(basis: Basis, sale: Sale, portions: dict[int, Fraction]) -> Fraction:
    """The cumulative share of an effect whose cause is gone, between 0 and 1.

    Args:
        basis: (line, weight) the effect came from; empty stands for all goods by net worth.
        portions: for each line, how much of it has been refunded so far.

    Formula: sum(weight x portion) / sum(weight) (DESIGN §7).
    """
    pairs = basis or tuple((line.number, line.net_minor) for line in sale.goods)
    whole = sum(weight for _line, weight in pairs)
    if whole == 0:
        pairs = tuple((line.number, 1) for line in sale.lines)
        whole = len(pairs)
    gone = sum(
        (weight * portions.get(line, Fraction(0)) for line, weight in pairs),
        Fraction(0),
    )
    return gone / whole if whole else Fraction(1)
