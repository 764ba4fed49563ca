"""The reference of a bill: short enough to type into a bank's app, and safe against slips.

``TH`` and eight signs of an alphabet of 31 without 0/O, 1/I/L: seven are random (27.5 thousand
million values), the last is a check sign. A sum with growing weights modulo a prime finds every
single wrong sign and every two that changed places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

PREFIX = "TH"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_SIGNS = 7
LENGTH = len(PREFIX) + RANDOM_SIGNS + 1

# Looked for at every place, since banks glue words of their own before and behind.
_FOUND = re.compile(rf"(?=({PREFIX}[{ALPHABET}]{{{RANDOM_SIGNS + 1}}}))")
_NOISE = re.compile(r"[^A-Z0-9]")


def make_reference(numbers: Sequence[int]) -> str:
    """A reference from random numbers, one per sign."""
    assert len(numbers) == RANDOM_SIGNS
    body = "".join(ALPHABET[number % len(ALPHABET)] for number in numbers)
    return PREFIX + body + _check_sign(body)


def is_reference(text: str) -> bool:
    """Is it one, check sign included?"""
    match = _FOUND.fullmatch(text) or _FOUND.match(text)
    body = text[len(PREFIX) : -1]
    return bool(match) and len(text) == LENGTH and text[-1] == _check_sign(body)


def find_references(text: str) -> list[str]:
    """Every reference in a transfer's text, whatever the bank did to case, spaces and dashes."""
    plain = _NOISE.sub("", text.upper())
    return list(dict.fromkeys(one for one in _FOUND.findall(plain) if is_reference(one)))


def _check_sign(body: str) -> str:
    total = sum(place * ALPHABET.index(sign) for place, sign in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]
