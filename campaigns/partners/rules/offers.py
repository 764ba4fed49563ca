"""An offer as plain values: what is given, how long a code lives, who pays for a redemption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import end_of_day, local_day, start_of_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from loyalty.engine.conditions import ACTIVITY_FACTS
from loyalty.engine.rules import RuleTerms

TEXT, PERCENT, AMOUNT = "text", "percent", "amount"
GENERATED, POOL = "generated", "pool"
AT_ONCE, END_OF_PERIOD, KEEPS = "at_once", "end_of_period", "keeps"
NOBODY, WE_PAY, THEY_PAY, SHARED = "nobody", "we_pay", "they_pay", "shared"
MAX_DAYS = 3_650
MAX_COUNT = 10_000_000


@dataclass(frozen=True, kw_only=True)
class OfferTerms(RuleTerms):
    """What a partner gives our members. ``family`` is the id of its first version.

    Args:
        partner, partner_name: whose it is, by public id.
        gives: ``text``, ``percent`` (``value_bp`` off) or ``amount`` (``value_minor`` off).
        cap_minor: the most a percentage takes off one redemption; ``None``: no end.
        texts: what it is, in Vietnamese and in English.
        worth_minor: what it is worth to a member; the base of a shared cost where ``gives`` is text.
        codes: ``generated`` by us, or from an uploaded ``pool``.
        goes_on: taking it up begins something that lasts (a subscription at the partner) and ends
            with its condition; else it is taken once.
        per_member, total: at most so many codes; ``None``: any number.
        per_household: one for all who share an account.
        valid_days, until: a code lives until the end of that local day.
        usable_after_days: so many days after it was claimed.
        when_lost: what becomes of it when the conditions hold no more.
        cost: who pays for a redemption: ``cost_minor`` each, or ``share_bp`` of what was given.
    """

    family: str = ""
    partner: str = ""
    partner_name: str = ""
    gives: str = TEXT
    texts: tuple[str, str] = ("", "")
    value_bp: int = 0
    cap_minor: int | None = None
    value_minor: int = 0
    worth_minor: int = 0
    codes: str = GENERATED
    goes_on: bool = False
    per_member: int | None = 1
    per_household: bool = False
    total: int | None = None
    valid_days: int | None = 30
    until: date | None = None
    usable_after_days: int = 0
    when_lost: str = AT_ONCE
    cost: str = NOBODY
    cost_minor: int = 0
    share_bp: int = 0

    def problems(self) -> list[DomainError]:
        found: list[DomainError] = []
        if not self.partner:
            found.append(Invalid("required", _("Choose a partner."), field="partner"))
        if not any(one.strip() for one in self.texts):
            found.append(Invalid("required", _("Say what is given."), field="text_vi"))
        if self.gives == PERCENT:
            found += _range("value_bp", self.value_bp, 1, 10_000)
        found += self._cap_problems()
        if self.gives == AMOUNT:
            found += _range("value_minor", self.value_minor, 1, MAX_MINOR)
        found += _range("worth_minor", self.worth_minor, 0, MAX_MINOR)
        for name, value in (("per_member", self.per_member), ("total", self.total)):
            if value is not None:
                found += _range(name, value, 1, MAX_COUNT)
        if self.valid_days is not None:
            found += _range("valid_days", self.valid_days, 1, MAX_DAYS)
        found += _range("usable_after_days", self.usable_after_days, 0, MAX_DAYS)
        return [*found, *self._cost_problems(), *self._audience_problems()]

    def _cap_problems(self) -> list[DomainError]:
        if self.cap_minor is None:
            return []
        if self.gives != PERCENT:
            text = _("Only a percentage has a most. Leave this empty.")
            return [Invalid("cap_without_percent", text, field="cap_minor")]
        return _range("cap_minor", self.cap_minor, 1, MAX_MINOR)

    def _cost_problems(self) -> list[DomainError]:
        if self.cost in (WE_PAY, THEY_PAY):
            return _range("cost_minor", self.cost_minor, 1, MAX_MINOR)
        if self.cost != SHARED:
            return []
        found = _range("share_bp", self.share_bp, 1, 10_000)
        if self.gives == TEXT and not self.worth_minor:
            text = _("Say what it is worth: the share is of that.")
            found.append(Invalid("required", text, field="worth_minor"))
        return found

    def _audience_problems(self) -> list[DomainError]:
        text = _("An offer asks about the member alone, not about a sale.")
        return [
            Invalid("bad_condition", text, field=f"audience.{number}.fact")
            for number, one in enumerate(self.audience)
            if one.fact in ACTIVITY_FACTS
        ]

    def text(self, language: str) -> str:
        """What is given, in a language, or in the one there is."""
        vietnamese, english = self.texts
        return (english or vietnamese) if language.startswith("en") else (vietnamese or english)


def _range(field: str, value: int, least: int, most: int) -> list[DomainError]:
    if least <= value <= most:
        return []
    text = _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": least, "maximum": most}
    return [Invalid("out_of_range", text, field=field, params={"minimum": least, "maximum": most})]


@dataclass(frozen=True, kw_only=True)
class Life:
    """From when and until when (exclusive) a code can be used; ``None``: without end."""

    usable_from: datetime
    expires_at: datetime | None


def life_of(terms: OfferTerms, *, at: datetime, zone: str) -> Life:
    """The life of a code claimed at an instant: whole local days, the sooner of the two ends."""
    day, usable_from = local_day(at, zone), at
    if terms.usable_after_days:
        day += timedelta(days=terms.usable_after_days)
        usable_from = start_of_day(day, zone)
    ends = [
        end_of_day(one, zone)
        for one in (
            day + timedelta(days=terms.valid_days) if terms.valid_days is not None else None,
            terms.until,
        )
        if one is not None
    ]
    return Life(usable_from=usable_from, expires_at=min(ends, default=None))


def end_of_month(at: datetime, zone: str) -> datetime:
    """The instant the local month of an instant is over."""
    first = local_day(at, zone).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return start_of_day(following, zone)


def end_after_loss(when_lost: str, *, at: datetime, zone: str) -> datetime | None:
    """When a benefit ends whose conditions were found lost at an instant; ``None``: it does not."""
    if when_lost == KEEPS:
        return None
    return at if when_lost == AT_ONCE else end_of_month(at, zone)


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What one redemption costs, in minor units: given to the member, paid by us, paid by them."""

    given_minor: int = 0
    we_pay_minor: int = 0
    they_pay_minor: int = 0


def costs_of(terms: OfferTerms, *, bill_minor: int | None) -> Costs:
    """Who pays what for one redemption.

    Given: the amount off (at most the bill, where it is told), the percentage of the bill rounded
    down and at most its cap, or the stated worth. Shared: we pay ``floor(given x share_bp / 10000)``
    of what was given, so a cap lowers both shares.
    """
    if terms.gives == AMOUNT:
        given = terms.value_minor if bill_minor is None else min(terms.value_minor, bill_minor)
    elif terms.gives == PERCENT:
        given = (bill_minor or 0) * terms.value_bp // 10_000
        given = given if terms.cap_minor is None else min(given, terms.cap_minor)
    else:
        given = terms.worth_minor
    ours = theirs = 0
    if terms.cost == WE_PAY:
        ours = terms.cost_minor
    elif terms.cost == THEY_PAY:
        theirs = terms.cost_minor
    elif terms.cost == SHARED:
        ours = given * terms.share_bp // 10_000
    return Costs(given_minor=given, we_pay_minor=ours, they_pay_minor=theirs)


def needs_bill(terms: OfferTerms) -> bool:
    """Must a redemption tell the bill, because what is given or paid hangs on it?"""
    return terms.gives == PERCENT and terms.cost == SHARED


def month_of(text: str) -> date:
    """The first day of a month such as ``2026-11``. Raises ``Invalid``."""
    parts = text.split("-")
    fits = len(parts) == 2 and all(part.isascii() and part.isdigit() for part in parts)
    if not fits or len(parts[0]) != 4 or len(parts[1]) != 2 or not 1 <= int(parts[1]) <= 12:
        raise Invalid("bad_month", _("Give a month such as 2026-11."), field="month")
    if int(parts[0]) < 1990:
        raise Invalid("bad_month", _("Give a month such as 2026-11."), field="month")
    return date(int(parts[0]), int(parts[1]), 1)


def statement_sums(lines: list[Mapping[str, Any]]) -> tuple[int, int]:
    """What we owe and what they owe over lines with a ``sign`` of 1 (redeemed) or -1 (voided)."""
    ours = sum(one["sign"] * one["we_pay_minor"] for one in lines)
    theirs = sum(one["sign"] * one["they_pay_minor"] for one in lines)
    return ours, theirs
