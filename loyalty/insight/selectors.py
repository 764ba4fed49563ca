"""Reads for reports: from the daily sums, plus the few figures that are counted as they are asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Sum

from loyalty.common.clock import end_of_day, start_of_day
from loyalty.insight.models import DayFigure, LedgerDay
from loyalty.insight.rules import Period, share_bp
from loyalty.sales.models import Purchase
from members.profiles.models import Member


@dataclass(frozen=True, kw_only=True)
class Loyal:
    """Who bought in a period: how many people, and how many of them more than once."""

    buyers: int
    repeat: int

    @property
    def repeat_bp(self) -> int:
        """The share that came back, in basis points."""
        return share_bp(self.repeat, self.buyers)


@dataclass(frozen=True, kw_only=True)
class Outstanding:
    """What members hold of an asset by the end of a day: units, and of them what ever came in."""

    units: int
    issued: int
    redeemed: int
    expired: int


def daily(figure: str, period: Period) -> list[tuple[date, int]]:
    """A figure per day of a period, over all merchants."""
    rows = DayFigure.objects.filter(figure=figure, day__range=(period.first, period.last))
    return list(rows.values_list("day").annotate(Sum("value")).order_by("day"))


def total(figure: str, period: Period) -> int:
    """A figure summed over a period."""
    return sum(value for _day, value in daily(figure, period))


def by_location(figure: str, period: Period) -> list[tuple[str, int]]:
    """A figure per location, largest first; places without a name come as an empty one."""
    rows = DayFigure.objects.filter(figure=figure, day__range=(period.first, period.last))
    grouped = rows.values_list("location__name").annotate(value=Sum("value"))
    return [(name or "", value) for name, value in grouped.order_by("-value")]


def moved(asset: str, pot: str, period: Period) -> list[tuple[date, int]]:
    """Net units of an asset through a pot per day: what was given (issued) or taken (the others)."""
    rows = LedgerDay.objects.filter(
        asset=asset, pot=pot, day__range=(period.first, period.last)
    ).order_by("day")
    net = Sum(F("credited") - F("debited"))
    sign = 1 if pot == "issued" else -1
    return [(day, sign * value) for day, value in rows.values_list("day").annotate(net=net)]


def outstanding(asset: str, *, on: date) -> Outstanding:
    """What members hold of an asset by the end of a day, and where the rest went."""
    rows = LedgerDay.objects.filter(asset=asset, day__lte=on).values_list("pot")
    net = dict(rows.annotate(net=Sum(F("credited") - F("debited"))).order_by())
    return Outstanding(
        units=sum(net.values()),
        issued=net.get("issued", 0),
        redeemed=-net.get("redeemed", 0),
        expired=-net.get("expired", 0),
    )


def outstanding_by(asset: str, *, days: list[date]) -> list[int]:
    """What members held by the end of each of these days (ascending). One query."""
    rows = LedgerDay.objects.filter(asset=asset).values_list("day").order_by("day")
    moves = list(rows.annotate(net=Sum(F("credited") - F("debited"))))
    held, found, at = 0, [], 0
    for day in days:
        while at < len(moves) and moves[at][0] <= day:
            held += moves[at][1]
            at += 1
        found.append(held)
    return found


def loyal(period: Period, *, zone: str) -> Loyal:
    """How many people bought in the period, and how many of them twice or more. One query."""
    start, end = start_of_day(period.first, zone), end_of_day(period.last, zone)
    rows = Purchase.objects.filter(happened_at__gte=start, happened_at__lt=end)
    visits = rows.values("member").annotate(visits=Count("id")).order_by()
    counted = visits.values_list("visits", flat=True)
    found = list(counted)
    return Loyal(buyers=len(found), repeat=sum(1 for visits in found if visits > 1))


def member_count() -> int:
    """How many members the programme has (merged and erased ones apart)."""
    gone = (Member.State.MERGED, Member.State.ERASED)
    return Member.objects.exclude(state__in=gone).count()
