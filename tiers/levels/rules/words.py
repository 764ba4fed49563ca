"""A ladder in plain words, in the active language: for the terms page and for members."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import get_language, gettext, ngettext

from loyalty.engine.promises import promised, with_its_end
from loyalty.web import formats
from tiers.levels.rules.ladder import EARNED, NEVER, NEXT_PERIOD, LadderTerms
from tiers.levels.rules.level import BASES, MONTHS, POINTS, SPEND, LevelTerms, Need
from tiers.levels.rules.outlook import Goal, Outlook
from tiers.levels.rules.windows import ANNIVERSARY, CALENDAR, LIFETIME, ROLLING


@dataclass(frozen=True, kw_only=True)
class Units:
    """What amounts are told in: the currency, and what the shop calls the points that count here.

    ``multiplied`` is what it calls those a level's factor multiplies.
    """

    currency: str
    points: str
    multiplied: str


def sentences(rules: Sequence[LadderTerms], *, units: Callable[[LadderTerms], Units]) -> list[str]:
    """What the ladders in force promise."""
    found: list[str] = []
    for ladder in promised(rules):
        found += [_level_text(one, ladder, units(ladder)) for one in ladder.levels]
        found.append(with_its_end(_how(ladder), ladder))
    return found


def amount_text(basis: str, amount: int, units: Units) -> str:
    """``1.000.000 ₫ spent``, ``12 visits``."""
    if basis == SPEND:
        money = formats.money_text(amount, currency=units.currency)
        return gettext("%(amount)s spent") % {"amount": money}
    if basis == POINTS:
        return gettext("%(points)s earned") % {"points": _points(amount, units)}
    number = {"n": formats.number_text(amount)}
    if basis == MONTHS:
        return ngettext("%(n)s month as a member", "%(n)s months as a member", amount) % number
    return ngettext("%(n)s visit", "%(n)s visits", amount) % number


def gap_text(basis: str, amount: int, units: Units) -> str:
    """``350.000 ₫ more spent``, ``2 more visits``."""
    if basis == SPEND:
        money = formats.money_text(amount, currency=units.currency)
        return gettext("%(amount)s more spent") % {"amount": money}
    if basis == POINTS:
        return gettext("%(points)s more") % {"points": _points(amount, units)}
    number = {"n": formats.number_text(amount)}
    if basis == MONTHS:
        return ngettext("%(n)s more month", "%(n)s more months", amount) % number
    return ngettext("%(n)s more visit", "%(n)s more visits", amount) % number


def _points(amount: int, units: Units) -> str:
    return formats.points_text(amount, unit=units.points)


def ways_text(ways: Sequence[Need], units: Units) -> str:
    """All ways to a level: conditions of one way with “and”, the ways with “or”."""
    return gettext(" or ").join(
        gettext(" and ").join(
            amount_text(basis, way[basis], units) for basis in BASES if basis in way
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


def grace_text(ladder: LadderTerms) -> str:
    """How long a level is kept after a review it did not pass; empty where it falls at once."""
    if not ladder.grace_count:
        return ""
    each = {
        "day": ngettext("%(n)s day", "%(n)s days", ladder.grace_count),
        "month": ngettext("%(n)s month", "%(n)s months", ladder.grace_count),
    }
    return each[ladder.grace_unit] % {"n": ladder.grace_count}


def perks_text(level: LevelTerms, units: Units, *, gift: str = "") -> list[str]:
    """What a level gives, a few words each; ``gift`` is the name of its birthday gift, where known."""
    share = formats.percent_text(level.discount_bp)
    factor = formats.factor_text(level.factor_bp, unit=units.multiplied)
    perks = (
        factor if level.factor_bp > 10_000 else "",
        gettext("%(share)s off all goods") % {"share": share} if level.discount_bp else "",
        gettext("free delivery") if level.free_delivery else "",
        gettext("early access") if level.early_access else "",
        _gift_text(gift) if level.birthday_reward else "",
        level.perk(get_language() or "vi"),
    )
    return [perk for perk in perks if perk]


@dataclass(frozen=True, kw_only=True)
class StepText:
    """A level in words; ``members`` stand on it."""

    code: str
    rank: int
    name: str
    enter: str
    keep: str
    perks: list[str]
    for_life: bool
    members: int


def step_texts(
    ladder: LadderTerms,
    units: Units,
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
            enter=ways_text(one.enter, units),
            keep=ways_text(one.keep, units),
            perks=perks_text(one, units, gift=gifts.get(one.birthday_reward, "")),
            for_life=one.for_life,
            members=(counts or {}).get(one.code, 0),
        )
        for rank, one in enumerate(ladder.levels, start=1)
    ]


@dataclass(frozen=True, kw_only=True)
class Told:
    """Where a member stands, in sentences for them; those that do not apply are empty.

    Args:
        percent: how much of the nearest way to the next level is done; ``done`` says so.
    """

    level: str
    next: str
    to_reach: str
    percent: int
    done: str
    to_stay: str
    reviewed: str
    rising: str
    given: str
    perks: list[str]


def told(found: Outlook, *, units: Units) -> Told:
    """An outlook in words."""
    language = get_language() or "vi"
    nearest = found.next.nearest if found.next else ()
    given = found.standing.gift
    percent = min((part.share for part in nearest), default=0)
    return Told(
        level=found.level.name(language) if found.level else "",
        next=found.next.level.name(language) if found.next else "",
        to_reach=_to_reach(found, language, units),
        percent=percent,
        done=formats.percent_text(percent * 100),
        to_stay=_to_stay(found, units),
        reviewed=formats.day_text(found.review_at) if found.review_at else "",
        rising=_rising(found, language),
        given=_given(given.until) if given else "",
        perks=perks_text(found.level, units) if found.level else [],
    )


def missing_text(goal: Goal, units: Units) -> str:
    """What is missing by the nearest way: ``350.000 ₫ more spent and 2 more visits``."""
    return gettext(" and ").join(
        gap_text(part.basis, part.missing, units) for part in goal.nearest if part.missing
    )


def _to_reach(found: Outlook, language: str, units: Units) -> str:
    if found.next is None or found.rising is not None:
        return ""
    values = {
        "missing": missing_text(found.next, units),
        "level": found.next.level.name(language),
    }
    text = gettext("%(missing)s to reach “%(level)s”") % values
    return _sentence(text) if values["missing"] else ""


def _to_stay(found: Outlook, units: Units) -> str:
    if found.stay is None or found.review_at is None:
        return ""
    if found.stay.is_met:
        return gettext("Enough to stay at the next review")
    missing = missing_text(found.stay, units)
    day = formats.day_text(found.review_at - timedelta(microseconds=1))
    values = {"missing": missing, "day": day}
    if found.shielded:
        text = gettext("Your plan keeps your level. Without it: %(missing)s by %(day)s to stay")
        return text % values
    return _sentence(gettext("%(missing)s by %(day)s to stay") % values)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


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


def _gift_text(name: str) -> str:
    return (
        gettext("birthday gift: %(gift)s") % {"gift": name} if name else gettext("a birthday gift")
    )


def _level_text(level: LevelTerms, ladder: LadderTerms, units: Units) -> str:
    name = level.name(get_language() or "vi")
    if level.enter:
        ways = ways_text(level.enter, units)
        text = gettext("Level “%(level)s”: from %(ways)s %(window)s.") % {
            "level": name,
            "ways": ways,
            "window": window_text(ladder),
        }
    else:
        text = gettext("Level “%(level)s”: everybody.") % {"level": name}
    if level.keep:
        text += " " + gettext("To stay: %(ways)s.") % {"ways": ways_text(level.keep, units)}
    perks = ", ".join(perks_text(level, units))
    return f"{text} {_sentence(perks)}." if perks else text


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
