"""Card numbers have no business here: found by form and check digit, and taken out of what is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

REMOVED = "[card data removed]"
# 13 to 19 digits, grouped by spaces or dashes or not; the first digit as issuers have them (9: Napas).
_LIKE_A_CARD = re.compile(r"(?<![\d.])[2-69](?:[ -]?\d){12,18}(?!\d)")
# Names under which card data travels, whatever the value looks like.
_NAMES = frozenset(
    "cardnumber cardno pan cvv cvc cvv2 securitycode cardcvc cardexpiry expirydate track1 track2".split()
)
_MAX_DEPTH = 12


def has_card_number(text: str) -> bool:
    """Does the text hold what looks like a card number and passes its check (Luhn)?"""
    return any(_passes_luhn(match[0]) for match in _LIKE_A_CARD.finditer(text))


def without_card_numbers(text: str) -> str:
    """The text with every card number replaced."""
    return _LIKE_A_CARD.sub(lambda m: REMOVED if _passes_luhn(m[0]) else m[0], text)


def without_card_data(value: Any, *, depth: int = 0) -> Any:
    """A decoded payload without card numbers, and without fields named like card data."""
    if depth > _MAX_DEPTH:
        return REMOVED
    if isinstance(value, Mapping):
        return {
            str(name): REMOVED
            if _named_like(str(name))
            else without_card_data(one, depth=depth + 1)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [without_card_data(one, depth=depth + 1) for one in value]
    if isinstance(value, str):
        return without_card_numbers(value)
    if isinstance(value, int) and not isinstance(value, bool) and has_card_number(str(value)):
        return REMOVED
    return value


def _named_like(name: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", name.lower()) in _NAMES


def _passes_luhn(text: str) -> bool:
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [one * 2 - 9 * (one > 4) for one in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
