"""How much one address may send: whoever sends more is asked to wait, whatever card they hold."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import TooMany


def slow_down(request: HttpRequest, action: str = "portal_post") -> None:
    """Count one more of the address. Raises ``TooMany`` (``too_many_tries``) over the limit."""
    if not ratelimit.consume(request, action=action):
        raise TooMany(
            "too_many_tries",
            _("Too much came from your connection at once. Please wait a minute."),
        )
