"""Paid memberships as arithmetic: periods that clamp to the month's end, what unused days are worth.

Pure functions on plain values. What must stay true: all periods are counted from the first day, so a
membership of 31 January renews on 28 February and on 31 March; amounts are integers and round down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import local_day, start_of_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.engine.rules import RuleTerms
from loyalty.engine.validity import add

LEAD_DAYS = 3
ENDED, WAITING, TRIAL, ACTIVE, PAST_DUE, PAUSED = (
    "ended",
    "waiting",
    "trial",
    "active",
    "past_due",
    "paused",
)
# States in which the perks hold.
HOLDING = frozenset({TRIAL, ACTIVE, PAST_DUE})
MOST_TRIAL_DAYS = 366
MOST_FACTOR_BP = 1_000_000
# A period of a hundred years is for life; two thousand would leave the calendar at its renewal.
_LONGEST = {"day": 3_650, "month": 1_200, "year": 100}
_A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class PlanTerms(RuleTerms):
    """A plan: its price, its periods, what it gives. ``price_minor`` 0 is a free plan."""

    family: str
    code: str
    price_minor: int = 0
    period_count: int = 1
    period_unit: str = "month"
    trial_days: int = 0
    grace_days: int = 7
    renews: bool = True
    refund_policy: str = "unused"
    protects_tier: bool = False
    factor_bp: int = 10_000
    discount_bp: int = 0
    free_delivery: bool = False
    deliveries_a_day: int | None = None

    def problems(self) -> list[DomainError]:
        found: list[DomainError] = []
        bounds = {
            "price_minor": (self.price_minor, 0, MAX_MINOR),
            "period_count": (self.period_count, 1, _LONGEST.get(self.period_unit, 3_650)),
            "trial_days": (self.trial_days, 0, MOST_TRIAL_DAYS),
            "grace_days": (self.grace_days, 0, 90),
            "factor_bp": (self.factor_bp, 10_000, MOST_FACTOR_BP),
            "discount_bp": (self.discount_bp, 0, 10_000),
        }
        for field, (value, least, most) in bounds.items():
            if not least <= value <= most:
                found.append(_range(field, least, most))
        if self.deliveries_a_day is not None and not 1 <= self.deliveries_a_day <= 100:
            found.append(_range("deliveries_a_day", 1, 100))
        if not self.code:
            found.append(
                Invalid(
                    "required",
                    _("Give the plan a short code, such as “prime”: rules ask for it by that."),
                    field="code",
                )
            )
        return found


def _range(field: str, least: int, most: int) -> Invalid:
    return Invalid(
        "out_of_range",
        _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": least, "maximum": most},
        field=field,
        params={"minimum": least, "maximum": most},
    )


def period_end(*, anchor_on: date, number: int, count: int, unit: str, zone: str) -> datetime:
    """When period ``number`` (from 1) is over: the first instant of the day the next one begins."""
    return start_of_day(add(anchor_on, number * count, unit), zone)


def on_the_day(at: datetime, zone: str) -> datetime:
    """An instant within a minute of midnight is that midnight: a pause of a moment moves no day."""
    near = start_of_day(local_day(at + _A_MOMENT, zone), zone)
    return near if abs(at - near) < _A_MOMENT else at


def prorated_minor(
    price_minor: int, *, starts_on: date, ends_on: date, on: date, paused_days: int = 0
) -> int:
    """What the days not begun yet are worth: ``floor(price x days left / days of the period)``.

    ``ends_on`` is the first day after the period; the day of cancelling counts as used. Days it stood
    still are none of its days.
    """
    days, left = (ends_on - starts_on).days - paused_days, (ends_on - on).days - 1
    return price_minor * max(min(left, days), 0) // days if days > 0 else 0


def refund_minor(
    policy: str,
    paid_minor: int,
    *,
    used: bool,
    starts_on: date,
    ends_on: date,
    on: date,
    paused_days: int = 0,
) -> int:
    """What cancelling at once gives back of a paid period.

    ``none``: nothing; ``unused``: all of it where no perk was used, else nothing; ``prorate``: all
    where no perk was used, else what the days left are worth.
    """
    if policy == "none":
        return 0
    if not used:
        return paid_minor
    if policy == "prorate":
        return prorated_minor(
            paid_minor, starts_on=starts_on, ends_on=ends_on, on=on, paused_days=paused_days
        )
    return 0
