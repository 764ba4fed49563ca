"""The code a member invites with: easy to read out and to type, hard to guess.

Eight signs of 28: capital letters and digits without those that look or sound alike (0 O 1 I L U)
and without vowels, so that no code spells a word. 28^8 is 378 thousand million: with a million
members a guess meets one of them once in 378,000 times, and a guess wins nothing.
"""

from __future__ import annotations

import secrets

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH = 8
_BETWEEN = frozenset(" -–—_.")


def new_code() -> str:
    """A fresh code, as it is kept."""
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


def clean_code(text: str) -> str:
    """A code as it is kept, from whatever people type; empty where it can be none."""
    if len(text) > 4 * LENGTH:
        return ""
    code = "".join(sign for sign in text.upper() if sign not in _BETWEEN)
    return code if len(code) == LENGTH and all(sign in ALPHABET for sign in code) else ""


def shown_code(code: str) -> str:
    """As it is printed: ``K7QM-4TXD``."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"
