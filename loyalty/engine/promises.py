"""Which rules a shop stands by towards everybody: what the terms page may promise, and to whom.

A mechanic keeps rules that have ended (for sales of their day) and rules that have not begun yet.
Neither may be promised, and no pilot, which is for a few. Every ``in_words()`` asks here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext

from loyalty.common.clock import now
from loyalty.common.naming import InBoth, told
from loyalty.engine.conditions import ACTIVITY_FACTS, Condition
from loyalty.engine.fact_info import DAYS, fact_infos, fact_options
from loyalty.engine.ports import goods_names
from loyalty.engine.restrictions import EVERYTHING, Restriction
from loyalty.engine.rules import RuleTerms
from loyalty.web import formats

MOST_NAMES = 6
Terms = TypeVar("Terms", bound=RuleTerms)


def promised(rules: Iterable[Terms], *, at: datetime | None = None) -> list[Terms]:
    """Those of the rules that hold for everybody at this instant, in the same order, each under the
    name readers of the active language call it by.
    """
    at = at or now()
    return [
        replace(rule, name=told(rule.name)) if isinstance(rule.name, InBoth) else rule
        for rule in rules
        if not rule.pilot
        and (rule.starts_at is None or rule.starts_at <= at)
        and (rule.ends_at is None or at < rule.ends_at)
    ]


def with_its_end(sentence: str, rule: RuleTerms) -> str:
    """A promise for some only says for whom; one for some goods, places or hours, or with an end, says
    which and when.
    """
    whom = for_whom(rule)
    sentence = with_its_goods(with_its_hours(sentence, rule), rule)
    if whom:
        sentence = gettext("%(promise)s (for %(whom)s)") % {
            "promise": sentence.rstrip("."),
            "whom": whom,
        }
    if rule.ends_at is None:
        return sentence
    day = formats.instant_text(rule.ends_at)
    return gettext("%(promise)s (until %(day)s)") % {"promise": sentence.rstrip("."), "day": day}


def with_its_hours(sentence: str, rule: RuleTerms) -> str:
    """A promise for some days of the week or hours of the day says which."""
    hours = f"{_clock(rule.minute_from)}–{_clock(rule.minute_to)}"
    told = [
        ", ".join(str(DAYS[day - 1]) for day in sorted(rule.weekdays)),
        hours if (rule.minute_from, rule.minute_to) != (0, 1440) else "",
    ]
    words = " ".join(part for part in told if part)
    if not words:
        return sentence
    return gettext("%(promise)s (%(hours)s)") % {"promise": sentence.rstrip("."), "hours": words}


def with_its_goods(sentence: str, rule: RuleTerms) -> str:
    """A promise for some goods or places says which, by their names. At most three queries."""
    limits: Restriction = getattr(rule, "restriction", EVERYTHING)
    told = []
    if limits.skus or limits.categories:
        told.append(gettext("only %(goods)s") % {"goods": _goods(limits.skus, limits.categories)})
    if limits.excluded_skus or limits.excluded_categories:
        without = _goods(limits.excluded_skus, limits.excluded_categories)
        told.append(gettext("not for %(goods)s") % {"goods": without})
    if limits.locations:
        known = fact_options("location")
        names = [known.get(one, one) for one in sorted(limits.locations)]
        told.append(gettext("at %(places)s") % {"places": _some(names)})
    if not told:
        return sentence
    return f"{sentence.rstrip('.')} ({'; '.join(told)})"


def _goods(skus: Collection[str], categories: Collection[str]) -> str:
    known = goods_names(skus=skus, categories=categories)
    return _some(sorted(known.get(one, one[1]) for one in _named(skus, categories)))


def _named(skus: Collection[str], categories: Collection[str]) -> list[tuple[str, str]]:
    return [*(("sku", one) for one in skus), *(("category", one) for one in categories)]


def _some(names: Sequence[str]) -> str:
    """Names in a row, no more than people read."""
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return gettext("%(names)s and %(n)s more") % {"names": shown, "n": more} if more > 0 else shown


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def for_whom(rule: RuleTerms) -> str:
    """The members a rule is for, as they may read it; empty where it is for everybody.

    What a shop thinks of its members is not for their eyes: a condition is told where its fact says
    how, and is "chosen members" else.
    """
    return whom(rule.audience)


def whom(conditions: Iterable[Condition]) -> str:
    """The same of conditions that stand on something else than a rule (a reward)."""
    told = []
    for one in conditions:
        if one.fact in ACTIVITY_FACTS:
            continue
        info = fact_infos().get(one.fact)
        told.append(info.promise(one.op, one.value) if info and info.promise else None)
    words = [text for text in told if text]
    return ", ".join(words) if len(words) == len(told) else gettext("chosen members")
