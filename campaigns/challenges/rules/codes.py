"""The rotating code a till shows: six digits that prove one stands before it. Nothing is stored."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from django.utils.crypto import salted_hmac

SECONDS = 60
_SALT = "than.challenges.check-in"


def code_at(location: str, at: datetime) -> str:
    """The code of a place at an instant."""
    return _code(location, int(at.timestamp()) // SECONDS)


def is_code(location: str, code: str, at: datetime) -> bool:
    """Is it the place's code, of this minute or of the one before?"""
    step = int(at.timestamp()) // SECONDS
    given = code.strip().encode()
    return any(compare_digest(_code(location, one).encode(), given) for one in (step, step - 1))


def _code(location: str, step: int) -> str:
    digest = salted_hmac(_SALT, f"{location}/{step}", algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06}"
