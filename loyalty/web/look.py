"""What every template may ask about looks, and the two addresses that serve looks.

The theme (light, dark or as the device says) lives in a cookie that the page's script writes; the
brand colour is the programme's. Nothing here touches the database.
"""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from loyalty.web import brand

THEMES = ("light", "dark")
_YEAR = 31_536_000


def look(request: HttpRequest) -> dict[str, object]:
    """Context processor: `look.theme`, `look.colour`, `look.brand_url`, and `request_id`."""
    wanted = request.COOKIES.get("theme", "")
    theme = getattr(getattr(request, "programme", None), "theme", "")
    cleaned = brand.clean_colour(theme)
    return {
        "look": {
            "theme": wanted if wanted in THEMES else "light",
            "colour": cleaned,
            "brand_url": brand_url(cleaned),
        },
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }


def brand_url(colour: str) -> str:
    """The address of a colour's style sheet; empty for our own colour, which is built in."""
    cleaned = brand.clean_colour(colour)
    if cleaned == brand.DEFAULT_COLOUR:
        return ""
    return reverse("brand_css", args=[cleaned.removeprefix("#")])


@require_safe
@cache_control(public=True, max_age=_YEAR, immutable=True)
def brand_css(request: HttpRequest, colour: str) -> HttpResponse:
    """The shades of one colour as a style sheet, the same for everyone."""
    return HttpResponse(brand.stylesheet(colour), content_type="text/css; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page a phone keeps for moments without a network."""
    return render(request, "offline.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long or came without cookies (`CSRF_FAILURE_VIEW`)."""
    return render(request, "403_csrf.html", status=403)
