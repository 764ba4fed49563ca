"""Guessing codes is slow: after ten unknown codes a desk waits ten minutes.

Counted in the cache, on purpose outside the transaction: the refusal rolls everything else back.
"""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Refused

MAXIMUM = 10
WINDOW_SECONDS = 600


def slow_down(who: str) -> None:
    """Raises ``Refused`` (``too_many_attempts``) after too many unknown codes or PINs."""
    if cache.get(_key(who), 0) >= MAXIMUM:
        raise Refused(
            "too_many_attempts",
            _("Too many unknown codes were tried. Wait ten minutes, then try again."),
            field="code",
            params={"retry_after": WINDOW_SECONDS},
        )


def count_miss(who: str) -> None:
    """One more unknown code was tried."""
    if not cache.add(_key(who), 1, timeout=WINDOW_SECONDS):
        try:
            cache.incr(_key(who))
        except ValueError:
            cache.set(_key(who), 1, timeout=WINDOW_SECONDS)


def _key(who: str) -> str:
    return f"partner-misses:{who}"
