"""Which rules a shop stands by towards everybody: what the terms page may promise.

A mechanic keeps rules that have ended (for sales of their day) and rules that have not begun yet.
Neither may be promised, and no pilot, which is for a few. Every ``in_words()`` asks here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext

from loyalty.common.clock import now
from loyalty.engine.rules import RuleTerms
from loyalty.web import formats

Terms = TypeVar("Terms", bound=RuleTerms)


def promised(rules: Iterable[Terms], *, at: datetime | None = None) -> list[Terms]:
    """Those of the rules that hold for everybody at this instant, in the same order."""
    at = at or now()
    return [
        rule
        for rule in rules
        if not rule.pilot
        and (rule.starts_at is None or rule.starts_at <= at)
        and (rule.ends_at is None or at < rule.ends_at)
    ]


def with_its_end(sentence: str, rule: RuleTerms) -> str:
    """A promise that ends on a known day says so."""
    if rule.ends_at is None:
        return sentence
    day = formats.instant_text(rule.ends_at)
    return gettext("%(promise)s (until %(day)s)") % {"promise": sentence.rstrip("."), "day": day}
