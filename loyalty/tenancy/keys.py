"""The form of API keys: ``than_live_`` and 43 random characters. Pure functions.

A key has 256 random bits, so its plain SHA-256 cannot be guessed back and one indexed look-up
finds it; a slow password hash would add nothing but time to every request.
"""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "than_live_"
_HINT_LENGTH = 16
_LENGTH = len(PREFIX) + 43


def new_key() -> str:
    """A fresh key, to be shown once."""
    body = secrets.token_urlsafe(32).replace("-", "x").replace("_", "z")
    return PREFIX + body


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint(key: str) -> str:
    """The beginning, by which people tell keys apart; it opens nothing."""
    return key[:_HINT_LENGTH]


def looks_like_a_key(text: str) -> bool:
    """Is it worth a look into the database?"""
    return text.startswith(PREFIX) and len(text) == _LENGTH and text.isascii()
