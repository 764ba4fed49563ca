"""Missions and streaks in plain words, in the active language, for the terms page and the portal."""

from __future__ import annotations

from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from campaigns.challenges.rules.missions import AMOUNT, SPEND, MissionTerms
from campaigns.challenges.rules.prizes import Prize
from campaigns.challenges.rules.streaks import StreakTerms
from loyalty.common.naming import told
from loyalty.web import formats

# The shapes and colours of badges, as people choose them.
SHAPE_WORDS = {
    "star": gettext_lazy("star"),
    "cup": gettext_lazy("cup"),
    "flame": gettext_lazy("flame"),
    "heart": gettext_lazy("heart"),
    "mountain": gettext_lazy("mountain"),
    "leaf": gettext_lazy("leaf"),
    "medal": gettext_lazy("medal"),
    "bolt": gettext_lazy("bolt"),
}
COLOUR_WORDS = {
    "#b45309": gettext_lazy("amber"),
    "#047857": gettext_lazy("green"),
    "#1d4ed8": gettext_lazy("blue"),
    "#be123c": gettext_lazy("red"),
    "#6d28d9": gettext_lazy("violet"),
    "#334155": gettext_lazy("slate"),
}


# What the shop calls its points, Vietnamese first; empty where it has no word of its own.
Units = tuple[str, str]
_PLAIN: Units = ("", "")


def mission_sentence(
    mission: MissionTerms, *, currency: str, after: str = "", units: Units = _PLAIN
) -> str:
    """What a mission promises."""
    words = {"mission": told(mission.name), "target": target_text(mission, currency=currency)}
    if mission.period == "once":
        text = gettext("“%(mission)s”: %(target)s.") % words
    else:
        words["period"] = _periods()[mission.period]
        text = gettext("“%(mission)s”: %(target)s, %(period)s.") % words
    if after:
        text += " " + gettext("It opens when “%(mission)s” is done.") % {"mission": after}
    gives = prize_text(mission.prize, units)
    if gives:
        text += " " + gettext("For it: %(prize)s.") % {"prize": gives}
    if mission.points_each:
        text += " " + gettext("Each new one gives %(points)s.") % {
            "points": _points(mission.points_each, units)
        }
    return text


def streak_sentence(streak: StreakTerms, *, units: Units = _PLAIN) -> str:
    """What a streak promises."""
    weekly = streak.unit == "week"
    text = gettext("“%(streak)s”: come every %(unit)s.") % {
        "streak": told(streak.name),
        "unit": gettext("week") if weekly else gettext("day"),
    }
    if streak.points_each:
        text += " " + gettext("Each time gives %(points)s.") % {
            "points": _points(streak.points_each, units)
        }
    for step in streak.steps:
        text += " " + gettext("%(length)s in a row: %(prize)s.") % {
            "length": formats.number_text(step.at),
            "prize": prize_text(step.prize, units),
        }
    if streak.cycle:
        text += " " + gettext("After %(length)s in a row the steps begin anew.") % {
            "length": formats.number_text(streak.cycle)
        }
    if streak.freezes_most:
        text += " " + gettext("A freeze covers what is missed; at most %(most)s are kept.") % {
            "most": formats.number_text(streak.freezes_most)
        }
    return text


def target_text(mission: MissionTerms, *, currency: str) -> str:
    """What has to be reached: ``spend 500,000 ₫``, ``5 visits``."""
    n = mission.target
    if mission.counts == SPEND:
        return gettext("spend %(money)s") % {"money": formats.money_text(n, currency=currency)}
    words = {
        "visits": ngettext("come %(n)s time", "come %(n)s times", n),
        "items": ngettext("buy %(n)s item", "buy %(n)s items", n),
        "products": ngettext("try %(n)s product", "try %(n)s different products", n),
        "places": ngettext("visit %(n)s place", "visit %(n)s different places", n),
        "times": ngettext("do it %(n)s time", "do it %(n)s times", n),
        "things": ngettext("finish %(n)s step", "finish %(n)s different steps", n),
    }
    number = formats.number_text(n)
    if mission.counts == AMOUNT:
        units = {
            "metres": gettext("metres"),
            "kilometres": gettext("kilometres"),
            "minutes": gettext("minutes"),
            "steps": gettext("steps"),
        }
        return f"{number} {units.get(mission.data_name, mission.data_name)}"
    return words[mission.counts] % {"n": number}


def prize_text(prize: Prize, units: Units = _PLAIN) -> str:
    """What is given: ``50 stars, “Free coffee”``; empty where nothing is."""
    place = _place()
    parts = [_points(prize.points, units)] if prize.points else []
    if prize.reward_names[place]:
        parts.append(f"“{prize.reward_names[place]}”")
    if prize.badge_names[place]:
        parts.append(gettext("the badge “%(badge)s”") % {"badge": prize.badge_names[place]})
    return ", ".join(parts)


def _points(number: int, units: Units) -> str:
    unit = units[_place()]
    if unit:
        return formats.points_text(number, unit=unit)
    text = ngettext("%(n)s point more", "%(n)s points more", number)
    return text % {"n": formats.number_text(number)}


def _place() -> int:
    """Where in a pair the reader's language stands."""
    return 0 if (get_language() or "vi").startswith("vi") else 1


def _periods() -> dict[str, str]:
    return {
        "day": gettext("every day anew"),
        "week": gettext("every week anew"),
        "month": gettext("every month anew"),
    }
