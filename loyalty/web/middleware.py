"""Middlewares of others, told what they need not find out anew for each request."""

from __future__ import annotations

from functools import cached_property

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars

_POLICY = "Content-Security-Policy"


class ContentPolicy(CSPMiddleware):
    """One policy for all answers, composed once: no page of ours asks for another."""

    @cached_property
    def _policy(self) -> str:
        return build_policy()

    def process_request(self, request: HttpRequest) -> None:
        return

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault(_POLICY, self._policy)
        return response


class RequestLog(RequestMiddleware):
    """One line per request, with its id, the caller's address and program."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        bind_contextvars(ip=address_of(request), user_agent=request.META.get("HTTP_USER_AGENT"))


def address_of(request: HttpRequest) -> str:
    """Who asks. Only what our own proxy wrote is believed: the last of the forwarded ones."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.USE_X_FORWARDED_HOST and forwarded:
        return str(forwarded.rsplit(",", 1)[-1].strip())
    return str(request.META.get("REMOTE_ADDR", ""))
