"""A programme's own domain: requests that come to it belong to that programme alone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from loyalty.tenancy.models import Programme
from loyalty.tenancy.selectors import programme_of_domain

Handler = Callable[[HttpRequest], HttpResponse]


def own_domain(get_response: Handler) -> Handler:
    """Middleware: ``request.own_programme`` is the programme of this host, or ``None``."""
    ours = {urlsplit(settings.BASE_URL).hostname, "testserver", *settings.LOOPBACK}

    def handle(request: HttpRequest) -> HttpResponse:
        host = request.get_host().rsplit(":", 1)[0]
        found = None if host in ours else programme_of_domain(host)
        request.own_programme = found  # type: ignore[attr-defined]
        return get_response(request)

    return handle


def programme_of_host(request: HttpRequest) -> Programme | None:
    """The programme whose own domain was asked."""
    found: Programme | None = getattr(request, "own_programme", None)
    return found
