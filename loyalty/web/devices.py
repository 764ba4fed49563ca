"""A mark of the device a page is looked at on: a random cookie, so that cards made on one device are told.

It says nothing about the device or the person. Whoever keeps it keeps a keyed hash of it.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "device"
_LONGEST = 64
_YEAR = 365 * 24 * 3600


def device_of(request: HttpRequest) -> str:
    """The device's mark; empty where it has none yet."""
    return request.COOKIES.get(COOKIE, "")[:_LONGEST]


def keep_device(request: HttpRequest, answer: HttpResponse, mark: str = "") -> None:
    """Give the device a mark (or this one) where it has none."""
    if device_of(request):
        return
    answer.set_cookie(
        COOKIE,
        mark or new_mark(),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def new_mark() -> str:
    """A fresh mark."""
    return secrets.token_urlsafe(24)
