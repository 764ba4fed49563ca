"""Sign-up bonuses: so many points after spending so much within some months. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import local_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Basis
from loyalty.engine.rules import RuleTerms
from loyalty.engine.status import Status
from loyalty.engine.validity import add

JOINING, CARD = "joining", "card"
AT_ONCE, AFTER_WINDOW = "at_once", "after_window"
KEEPS, FALLS = "keeps", "falls"
MAX_MONTHS = 120
MAX_POINTS = 1_000_000_000
# A payment with a partner's card, told by the partner; its data say whose card it was.
TRANSACTION = "partner.transaction"


@dataclass(frozen=True, kw_only=True)
class BonusTerms(RuleTerms):
    """A sign-up bonus. ``family`` is the id of its first version: progress belongs to it.

    Args:
        starts_with: ``joining`` (purchases here count) or ``card`` (payments with a partner's card).
        partner: whose card, by public id.
        months: of the calendar, from the day it starts; see :func:`last_day`.
        pays: ``at_once``, or ``after_window``: the points wait until the time is over.
        after: what a refund does once the time is over: the bonus ``keeps`` or ``falls``.
        points_days: how long its points live; 0 for ever.
    """

    family: str = ""
    starts_with: str = JOINING
    partner: str = ""
    partner_name: str = ""
    spend_minor: int = 0
    months: int = 3
    points: int = 0
    asset: str = "points"
    pays: str = AT_ONCE
    after: str = KEEPS
    points_days: int = 0

    @property
    def status(self) -> str:
        """The name of a member's status with it."""
        return f"signup:{self.family}"

    def problems(self) -> list[DomainError]:
        found = [
            *_range("spend_minor", self.spend_minor, 1, MAX_MINOR),
            *_range("months", self.months, 1, MAX_MONTHS),
            *_range("points", self.points, 1, MAX_POINTS),
            *_range("points_days", self.points_days, 0, 3_650),
        ]
        if self.starts_with == CARD and not self.partner:
            found.append(Invalid("required", _("Choose a partner."), field="partner"))
        return found


def _range(field: str, value: int, least: int, most: int) -> list[DomainError]:
    if least <= value <= most:
        return []
    text = _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": least, "maximum": most}
    return [Invalid("out_of_range", text, field=field, params={"minimum": least, "maximum": most})]


def last_day(start: date, months: int) -> date:
    """The last day of so many calendar months from a day on.

    From 1 January three months last until 31 March; from 31 January one month lasts until the end
    of February, for there is no 31st to stop before.
    """
    following = add(start, months, "month")
    return following - timedelta(days=1) if following.day == start.day else following


@dataclass(frozen=True, kw_only=True)
class Spending:
    """What one activity adds: minor units, the lines they came from, the card, the window."""

    amount_minor: int
    basis: Basis
    card: str
    until: date


def spending(
    bonus: BonusTerms, activity: ActivityData, *, joined_on: date, zone: str
) -> Spending | None:
    """What an activity adds to a bonus; ``None`` for nothing (too early, too late, another card)."""
    if activity.sale is None:
        return None
    if bonus.starts_with == JOINING:
        if activity.type != PURCHASE:
            return None
        card, start = "", joined_on
    else:
        data = activity.data
        if activity.type != TRANSACTION or data.get("partner") != bonus.partner:
            return None
        if not data.get("first"):
            return None
        card, start = str(data["card"]), date.fromisoformat(data["opened_on"])
    until = last_day(start, bonus.months)
    if not start <= local_day(activity.happened_at, zone) <= until:
        return None
    basis = tuple((line.number, line.net_minor) for line in activity.sale.goods)
    amount = sum(weight for _line, weight in basis)
    if amount <= 0:
        return None
    return Spending(amount_minor=amount, basis=basis, card=card, until=until)


def spent(status: Status | None, card: str) -> int:
    """What was spent with a card by now, less what came back, in minor units."""
    return int(status.data.get("spent", {}).get(card, 0)) if status else 0


def with_spent(status: Status | None, card: str, amount_minor: int) -> dict[str, Any]:
    """The status' data with another sum for a card."""
    before: Mapping[str, Any] = status.data if status else {}
    return {**before, "spent": {**before.get("spent", {}), card: amount_minor}}
