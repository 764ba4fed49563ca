"""What a referral programme promises to both sides, and until when: plain values, pure functions.

A referral goes its way by states. ``joined``: the friend has a card. ``bought``: they made their first
qualifying purchase, and the days in which it may come back run. ``paid``: nothing came back.
``held``: something looks wrong, a person decides. ``rejected``: decided against. ``expired``: the
friend bought nothing in time. ``withdrawn``: what they bought came back; until the friend was paid
once, a new purchase in time counts again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import end_of_day, local_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.engine.activity import ActivityData, SaleLine
from loyalty.engine.restrictions import EVERYTHING, Restriction, earning
from loyalty.engine.rules import RuleTerms
from loyalty.engine.status import Status
from loyalty.ledger.assets import AssetView

POINTS, CREDIT = "points", "store_credit"
# Statuses: of a friend, which referral is theirs and where it stands; of who invites, their figures.
STATUS, FIGURES = "referral", "referrals"
# Recorded by the house alone: the friend is paid; the referrer's friend has qualified.
WELCOMED, QUALIFIED = "referral.welcomed", "referral.qualified"

# Kinds of the effects that give something.
GIVEN_UNITS, GIVEN_REWARD = "referral_units", "referral_reward"

JOINED, BOUGHT, HELD, PAID = "joined", "bought", "held", "paid"
REJECTED, EXPIRED, WITHDRAWN = "rejected", "expired", "withdrawn"
# In these a purchase may count: a receipt that comes late still may lie in time.
OPEN = (JOINED, WITHDRAWN, EXPIRED)

MAX_POINTS, MAX_DAYS, MAX_BURST = 1_000_000, 3_650, 10_000
_CREDIT = AssetView(
    code=CREDIT,
    kind="money",
    name_vi="tiền hoàn",
    name_en="store credit",
    value_minor=1,
    value_units=1,
)


@dataclass(frozen=True, kw_only=True)
class Gift:
    """What one side gets. ``reward_names`` and ``unit_names`` (of points) are those of that day,
    Vietnamese first.
    """

    points: int = 0
    credit_minor: int = 0
    reward: str = ""
    reward_names: tuple[str, str] = ("", "")
    unit_names: tuple[str, str] = ("", "")

    @property
    def is_empty(self) -> bool:
        """Nothing at all?"""
        return not (self.points or self.credit_minor or self.reward)


@dataclass(frozen=True, kw_only=True)
class ReferralTerms(RuleTerms):
    """A referral programme in one version. ``family`` is the id of its first version.

    Args:
        version: counts up within the family.
        accepts: it takes new referrals (a paused one keeps what it promised, and no more).
        within_days: the friend's first qualifying purchase must lie so many local days after
            joining; 0 for any time.
        return_days: both are paid when so many local days after the purchase are over.
        gift_days: how long points and store credit live; 0 for ever.
        hold_per_hour: more friends within an hour than this are held; ``hold_per_day`` within a
            day; 0 for never.
    """

    family: str = ""
    version: int = 1
    accepts: bool = True
    restriction: Restriction = EVERYTHING
    for_friend: Gift = Gift()
    for_referrer: Gift = Gift()
    within_days: int = 0
    return_days: int = 14
    gift_days: int = 0
    hold_per_hour: int = 5
    hold_per_day: int = 20

    def counted_in(self) -> tuple[AssetView, ...]:
        gives = self.for_friend.credit_minor or self.for_referrer.credit_minor
        return (_CREDIT,) if gives else ()

    def problems(self) -> list[DomainError]:
        found = self.restriction.problems()
        if self.for_friend.is_empty and self.for_referrer.is_empty:
            text = _("Give at least one side something.")
            found.append(Invalid("required", text, field="referrer_points"))
        bounds = (
            ("referrer_points", self.for_referrer.points, MAX_POINTS),
            ("referrer_credit_minor", self.for_referrer.credit_minor, MAX_MINOR),
            ("friend_points", self.for_friend.points, MAX_POINTS),
            ("friend_credit_minor", self.for_friend.credit_minor, MAX_MINOR),
            ("within_days", self.within_days, MAX_DAYS),
            ("return_days", self.return_days, MAX_DAYS),
            ("gift_days", self.gift_days, MAX_DAYS),
            ("hold_per_hour", self.hold_per_hour, MAX_BURST),
            ("hold_per_day", self.hold_per_day, MAX_BURST),
        )
        return [*found, *(_outside(*one) for one in bounds if not 0 <= one[1] <= one[2])]

    def buy_by(self, joined_at: datetime, zone: str) -> datetime | None:
        """Until when the friend's purchase counts: the end of a local day; ``None`` for ever."""
        if not self.within_days:
            return None
        return end_of_day(local_day(joined_at, zone) + timedelta(days=self.within_days), zone)

    def due_at(self, at: datetime, zone: str) -> datetime:
        """When nothing can come back any more of what was recorded at an instant."""
        if not self.return_days:
            return at
        return end_of_day(local_day(at, zone) + timedelta(days=self.return_days), zone)

    def gift_end(self, at: datetime, zone: str) -> datetime | None:
        """When points and store credit given at an instant die; ``None`` never."""
        if not self.gift_days:
            return None
        return end_of_day(local_day(at, zone) + timedelta(days=self.gift_days), zone)


def _outside(field: str, _value: int, most: int) -> DomainError:
    text = _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": 0, "maximum": most}
    return Invalid("out_of_range", text, field=field, params={"minimum": 0, "maximum": most})


def capping(rule: ReferralTerms, rules: Sequence[Any]) -> ReferralTerms:
    """The rule whose limits and budget count: the newest version of the family, whatever was given
    by earlier ones included. What is given stays what was promised.
    """
    family = [one for one in rules if one.family == rule.family]
    return max(family, key=lambda one: one.version, default=rule)


def without_time(rule: ReferralTerms) -> ReferralTerms:
    """For the question whom the programme is for, whenever."""
    return replace(rule, starts_at=None, ends_at=None, weekdays=(), minute_from=0, minute_to=1440)


@dataclass(frozen=True, kw_only=True)
class Qualified:
    """A purchase that counts: the lines it counts by, and which share of them must stay."""

    basis: tuple[tuple[int, int], ...]
    keep: Fraction


def qualified(
    rule: ReferralTerms, status: Status | None, activity: ActivityData
) -> Qualified | None:
    """Is this the friend's first qualifying purchase, by when they may make it?"""
    if status is None or status.value not in OPEN or status.data.get("closed"):
        return None
    buy_by = status.data.get("buy_by")
    if buy_by and activity.happened_at >= datetime.fromisoformat(buy_by):
        return None
    if activity.happened_at < datetime.fromisoformat(status.data["joined_at"]):
        return None
    lines = rule.restriction.lines(activity)
    if not lines:
        return None
    worth = _worth(lines)
    keep = Fraction(rule.restriction.minimum_minor, worth) if worth else Fraction(0)
    return Qualified(basis=tuple((line.number, earning(line)) for line in lines), keep=keep)


def falls(memo: Mapping[str, Any], share: Fraction) -> bool:
    """Is the cause of a referral gone: all of what counted came back, or more than may?"""
    return share >= 1 or (share > 0 and 1 - share < Fraction(*memo["keep"]))


def _worth(lines: Sequence[SaleLine]) -> int:
    return sum(earning(line) for line in lines)
