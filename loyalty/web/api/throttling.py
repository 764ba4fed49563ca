"""How much one key may ask: a window of a minute, counted in the cache, told in every answer.

Headers are those of the IETF draft: ``RateLimit-Policy: "key";q=1200;w=60`` and
``RateLimit: "key";r=1199;t=58``. No query: the count lives in the cache, which several processes
share once CACHE_URL names a server. A process takes a few requests at once from what is left there,
so that most requests ask nobody; what it took and did not need is lost with the window.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from loyalty.tenancy.models import ApiKey
from loyalty.web.api.counting import count

if TYPE_CHECKING:
    from rest_framework.views import APIView

_WINDOW = 60
# A share is at most this much, and at most a hundredth of the quota: what may be lost is little.
_LARGEST_SHARE = 10


@dataclass
class _Share:
    """What this process may still answer of a key's quota before it asks the cache again."""

    window: int
    used_by_all: int
    left: int = 0


_shares: dict[int, _Share] = {}
_lock = Lock()


class KeyThrottle(BaseThrottle):
    """One quota per key. The view adds :attr:`headers` to whatever it answers."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self._reset = _WINDOW

    def allow_request(self, request: Request, view: APIView) -> bool:
        quota = settings.API_REQUESTS_PER_MINUTE
        assert isinstance(request.auth, ApiKey)
        window, passed = divmod(int(time.time()), _WINDOW)
        self._reset = _WINDOW - passed
        used = _used(request.auth.pk, window, quota)
        self.headers = {
            "RateLimit-Policy": f'"key";q={quota};w={_WINDOW}',
            "RateLimit": f'"key";r={max(quota - used, 0)};t={self._reset}',
        }
        view.rate_headers = self.headers  # type: ignore[attr-defined]
        return bool(used <= quota)

    def wait(self) -> float:
        return self._reset


def _used(key: int, window: int, quota: int) -> int:
    """How much of the quota is used in this window, this request included."""
    with _lock:
        share = _shares.get(key)
        if share is None or share.window != window:
            share = _shares[key] = _Share(window, 0)
        if share.left == 0:
            share.left = max(1, min(_LARGEST_SHARE, quota // 100))
            name = f"api:used:{key}:{window}"
            share.used_by_all = count(name, by=share.left, seconds=2 * _WINDOW)
        share.left -= 1
        return share.used_by_all - share.left


def forget_shares() -> None:
    """Ask the cache again (a test emptied it)."""
    _shares.clear()
