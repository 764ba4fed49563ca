"""Reads about discounts. All in the programme in scope."""

from __future__ import annotations

from loyalty.engine.selectors import counting_rules
from rewards.discounts.models import DiscountRule
from rewards.discounts.rules import DiscountTerms


def counting_discounts() -> tuple[DiscountTerms, ...]:
    """Every discount that may lower a price, by priority. One query."""
    return tuple(row.terms() for row in counting_rules(DiscountRule))
