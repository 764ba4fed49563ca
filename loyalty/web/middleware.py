"""Middlewares of others, told what they need not find out anew for each request."""

from __future__ import annotations

import re
from functools import cached_property

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars

_POLICY = "Content-Security-Policy"
# As long as no public id is: a token that confirms, logs in or leaves for whoever holds it.
_TOKEN = re.compile(r"(?<=/)([^/]{6})[^/]{34,}")
_VALUE = re.compile(r"=[^&]*")


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
    """One line per request, with its id, the caller's address and program, and nobody's secrets."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and address: tokens cut short, of the query only what was asked for, not with what."""
        path, query = request.path, request.META.get("QUERY_STRING", "")
        shown = _TOKEN.sub(r"\1…", path) + (f"?{_VALUE.sub('=…', query)}" if query else "")
        return f"{request.method} {shown}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Pages have users; who calls the API is known by the key, once it is read."""
        if not request.path.startswith("/api/"):
            RequestMiddleware.bind_user_id(request)

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        bind_contextvars(ip=address_of(request), user_agent=request.META.get("HTTP_USER_AGENT"))


def address_of(request: HttpRequest) -> str:
    """Who asks. Only what our own proxy wrote is believed: the last of the forwarded ones."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.USE_X_FORWARDED_HOST and forwarded:
        return str(forwarded.rsplit(",", 1)[-1].strip())
    return str(request.META.get("REMOTE_ADDR", ""))
