"""How much one key may ask: a window of a minute, counted in the cache, told in every answer.

Headers are those of the IETF draft: ``RateLimit-Policy: "key";q=1200;w=60`` and
``RateLimit: "key";r=1199;t=58``. No query: the count lives in the cache, which several processes
share once CACHE_URL names a server.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from loyalty.tenancy.models import ApiKey

if TYPE_CHECKING:
    from rest_framework.views import APIView

_WINDOW = 60


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
        used = _count(f"api:used:{request.auth.pk}:{window}")
        self.headers = {
            "RateLimit-Policy": f'"key";q={quota};w={_WINDOW}',
            "RateLimit": f'"key";r={max(quota - used, 0)};t={self._reset}',
        }
        view.rate_headers = self.headers  # type: ignore[attr-defined]
        return bool(used <= quota)

    def wait(self) -> float:
        return self._reset


def _count(name: str) -> int:
    if cache.add(name, 1, timeout=2 * _WINDOW):
        return 1
    try:
        return int(cache.incr(name))
    except ValueError:  # it lapsed between the two
        cache.set(name, 1, timeout=2 * _WINDOW)
        return 1
