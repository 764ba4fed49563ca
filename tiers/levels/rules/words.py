"""A ladder in plain words, in the active language: for the terms page and for members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import get_language, gettext, ngettext

from loyalty.engine.promises import promised, with_its_end
from loyalty.web import formats
from tiers.levels.rules.ladder import EARNED, NEVER, NEXT_PERIOD, LadderTerms
from tiers.levels.rules.level import BASES, MONTHS, POINTS, SPEND, LevelTerms, Need
from tiers.levels.rules.outlook import Goal, Outlook
from tiers.levels.rules.windows import ANNIVERSARY, CALENDAR, LIFETIME, ROLLING


def sentences(rules: Sequence[LadderTerms], *, currency: str) -> list[str]:
    """What the ladders in force promise."""
    found: list[str] = []
    for ladder in promised(rules):
        found += [_level_text(one, ladder, currency) for one in ladder.levels]
        found.append(with_its_end(_how(ladder), ladder))
    return found


def amount_text(basis: str, amount: int, currency: str) -> str:
    """``1.000.000 ₫ spent``, ``12 visits``."""
    if basis == SPEND:
        money = formats.money_text(amount, currency=currency)
        return gettext("%(amount)s spent") % {"amount": money}
    number = formats.number_text(amount)
    if basis == POINTS:
        return ngettext("%(n)s point earned", "%(n)s points earned", amount) % {"n": number}
    if basis == MONTHS:
        return ngettext("%(n)s month as a member", "%(n)s months as a member", amount) % {
            "n": number
        }
    return ngettext("%(n)s visit", "%(n)s visits", amount) % {"n": number}


def ways_text(ways: Sequence[Need], currency: str) -> str:
    """All ways to a level: conditions of one way with “and”, the ways with “or”."""
    return gettext(" or ").join(
        gettext(" and ").join(
            amount_text(basis, way[basis], currency) for basis in BASES if basis in way
        )
        for way in ways
    )


def window_text(ladder: LadderTerms) -> str:
    """Over which time it counts."""
    window = ladder.window
    if window.kind == ROLLING:
        return ngettext("in %(n)s month", "in %(n)s months", window.months) % {"n": window.months}
    return {
        CALENDAR: gettext("in a calendar year"),
        ANNIVERSARY: gettext("in a year from the day of joining"),
        LIFETIME: gettext("over all time"),
    }.get(window.kind) or gettext("in a period that begins on %(days)s") % {
        "days": ", ".join(_day_text(one) for one in window.dates)
    }


def perks_text(level: LevelTerms) -> list[str]:
    """What a level gives, a few words each."""
    share = formats.percent_text(level.discount_bp)
    factor = formats.quantity_text(level.factor_bp // 10)
    perks = (
        gettext("points ×%(factor)s") % {"factor": factor} if level.factor_bp > 10_000 else "",
        gettext("%(share)s off all goods") % {"share": share} if level.discount_bp else "",
        gettext("free delivery") if level.free_delivery else "",
        gettext("early access") if level.early_access else "",
        gettext("a birthday gift") if level.birthday_reward else "",
        level.perk(get_language() or "vi"),
    )
    return [perk for perk in perks if perk]


@dataclass(frozen=True, kw_only=True)
class StepText:
    """A level in words. ``gift`` is the name of its birthday gift; ``members`` stand on it."""

    code: str
    rank: int
    name: str
    enter: str
    keep: str
    perks: list[str]
    gift: str
    for_life: bool
    members: int


def step_texts(
    ladder: LadderTerms,
    currency: str,
    *,
    gifts: Mapping[str, str],
    counts: Mapping[str, int] | None = None,
) -> list[StepText]:
    """The levels of a ladder, lowest first; ``gifts`` names rewards by public id."""
    language = get_language() or "vi"
    return [
        StepText(
            code=one.code,
            rank=rank,
            name=one.name(language),
            enter=ways_text(one.enter, currency),
            keep=ways_text(one.keep, currency),
            perks=perks_text(one),
            gift=gifts.get(one.birthday_reward, ""),
            for_life=one.for_life,
            members=(counts or {}).get(one.code, 0),
        )
        for rank, one in enumerate(ladder.levels, start=1)
    ]


@dataclass(frozen=True, kw_only=True)
class Told:
    """Where a member stands, in sentences for them; those that do not apply are empty.

    Args:
        percent: how much of the nearest way to the next level is done.
    """

    level: str
    next: str
    to_reach: str
    percent: int
    to_stay: str
    reviewed: str
    rising: str
    given: str
    perks: list[str]
    gift: str


def told(found: Outlook, *, currency: str) -> Told:
    """An outlook in words."""
    language = get_language() or "vi"
    nearest = found.next.nearest if found.next else ()
    given = found.standing.gift
    return Told(
        level=found.level.name(language) if found.level else "",
        next=found.next.level.name(language) if found.next else "",
        to_reach=_to_reach(found, language, currency),
        percent=min((part.share for part in nearest), default=0),
        to_stay=_to_stay(found, currency),
        reviewed=formats.day_text(found.review_at) if found.review_at else "",
        rising=_rising(found, language),
        given=_given(given.until) if given else "",
        perks=perks_text(found.level) if found.level else [],
        gift=found.level.birthday_reward if found.level else "",
    )


def missing_text(goal: Goal, currency: str) -> str:
    """What is missing by the nearest way: ``350.000 ₫ spent and 2 visits``."""
    return gettext(" and ").join(
        amount_text(part.basis, part.missing, currency) for part in goal.nearest if part.missing
    )


def _to_reach(found: Outlook, language: str, currency: str) -> str:
    if found.next is None or found.rising is not None:
        return ""
    values = {
        "missing": missing_text(found.next, currency),
        "level": found.next.level.name(language),
    }
    return gettext("%(missing)s more for level “%(level)s”") % values if values["missing"] else ""


def _to_stay(found: Outlook, currency: str) -> str:
    if found.stay is None or found.review_at is None:
        return ""
    if found.stay.is_met:
        return gettext("Enough to stay at the next review")
    if found.shielded:
        return gettext("Your plan keeps your level, whatever counts")
    missing = missing_text(found.stay, currency)
    day = formats.day_text(found.review_at - timedelta(microseconds=1))
    return gettext("%(missing)s more by %(day)s to stay") % {"missing": missing, "day": day}


def _rising(found: Outlook, language: str) -> str:
    if found.rising is None or found.rise_at is None:
        return ""
    values = {"level": found.rising.name(language), "day": formats.day_text(found.rise_at)}
    return gettext("Level “%(level)s” from %(day)s on") % values


def _given(until: datetime | None) -> str:
    if until is None:
        return gettext("A gift of the shop")
    day = formats.day_text(until - timedelta(microseconds=1))
    return gettext("A gift of the shop, until %(day)s") % {"day": day}


def _level_text(level: LevelTerms, ladder: LadderTerms, currency: str) -> str:
    name = level.name(get_language() or "vi")
    if level.enter:
        ways = ways_text(level.enter, currency)
        text = gettext("Level “%(level)s”: from %(ways)s %(window)s.") % {
            "level": name,
            "ways": ways,
            "window": window_text(ladder),
        }
    else:
        text = gettext("Level “%(level)s”: everybody.") % {"level": name}
    if level.keep:
        text += " " + gettext("To stay: %(ways)s.") % {"ways": ways_text(level.keep, currency)}
    perks = ", ".join(perks_text(level))
    return f"{text} {perks[:1].upper()}{perks[1:]}." if perks else text


def _how(ladder: LadderTerms) -> str:
    parts = [
        gettext("A level reached counts from the next period on.")
        if ladder.rise == NEXT_PERIOD
        else gettext("A level counts from the moment it is reached.")
    ]
    if ladder.window.kind == LIFETIME or ladder.fall == NEVER:
        parts.append(gettext("It is never lost."))
    elif ladder.fall == EARNED:
        parts.append(gettext("It is looked at when the period ends, and becomes what was earned."))
    else:
        parts.append(
            gettext("It is looked at when the period ends, and falls by one level at most.")
        )
    if ladder.grace_count and ladder.fall != NEVER:
        parts.append(gettext("Before it falls there is a time of grace."))
    parts.append(gettext("What a refund takes back no longer counts."))
    return " ".join(parts)


def _day_text(text: str) -> str:
    month, _dash, day = text.partition("-")
    return f"{int(day)}/{int(month)}"
