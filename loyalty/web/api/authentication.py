"""Who calls: ``Authorization: Bearer than_live_…``. One query loads key, programme and merchant."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from loyalty.commands.actor import Actor, api_key_actor
from loyalty.common.clock import now as clock_now
from loyalty.tenancy.models import ApiKey
from loyalty.tenancy.scope import every_programme
from loyalty.tenancy.selectors import find_api_key, why_closed
from loyalty.web.api.counting import count

# How exactly we say when a key was last used: a write per request would cost more than it tells.
_LAST_USED_EVERY = timedelta(minutes=1)
_CLOSED = {
    "revoked": _("This API key was revoked. Use another one."),
    "expired": _("This API key has expired. Use the one that replaced it."),
    "inactive": _("The business this API key belongs to is not active."),
}


class KeyAuthentication(BaseAuthentication):
    """Answers the actor as ``request.user`` and the key as ``request.auth``."""

    def authenticate(self, request: Request) -> tuple[Actor, ApiKey]:
        words = get_authorization_header(request).split()
        if not words:
            raise _refusal("missing_key", _("Send “Authorization: Bearer than_live_…”."))
        if len(words) != 2 or words[0].lower() != b"bearer":
            raise _refusal("bad_authorization", _("Send “Authorization: Bearer than_live_…”."))
        api_key = find_api_key(words[1].decode("latin-1"))
        if api_key is None:
            # Only who shows a wrong key is slowed down, not who shares an address with them.
            _slow_down_guessing(str(request.META.get("REMOTE_ADDR", "")))
            raise _refusal("unknown_key", _("There is no such API key."))
        closed = why_closed(api_key)
        if closed:
            raise _refusal(f"key_{closed}", _CLOSED[closed])
        _note_use(api_key)
        return api_key_actor(api_key), api_key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _refusal(code: str, told: object) -> exceptions.AuthenticationFailed:
    return exceptions.AuthenticationFailed(told, code=code)  # type: ignore[arg-type]


def _slow_down_guessing(address: str) -> None:
    """Count a wrong key. Raises ``Throttled`` where an address has shown too many of late."""
    if count(f"api:wrong-keys:{address}", seconds=60) > settings.API_WRONG_KEYS_PER_MINUTE:
        raise exceptions.Throttled(wait=60)


def _note_use(api_key: ApiKey) -> None:
    """Remember that a key was used; writes at most once a minute and key."""
    at = clock_now()
    stale = at - _LAST_USED_EVERY
    if api_key.last_used_at is not None and api_key.last_used_at > stale:
        return
    unseen = Q(last_used_at=None) | Q(last_used_at__lt=stale)
    with every_programme():
        ApiKey.objects.filter(unseen, pk=api_key.pk).update(last_used_at=at)
