"""Which scopes there are: those that the endpoints ask for, collected from the addresses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from loyalty.web.api.views import ApiView

PREFIX = "api/v1/"


def endpoints() -> Iterator[tuple[str, type[ApiView]]]:
    """Every address of the API with its view, in the order of the addresses."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == PREFIX:
            yield from _below(PREFIX, resolver.url_patterns)


@cache
def known_scopes() -> tuple[str, ...]:
    """Every scope an endpoint asks for, sorted: what a key can be given."""
    found: set[str] = set()
    for _path, view in endpoints():
        asked = view.permission
        found |= {asked} if isinstance(asked, str) else set(asked.values())
    return tuple(sorted(found))


def _below(prefix: str, patterns: list[Any]) -> Iterator[tuple[str, type[ApiView]]]:
    for one in patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _below(path, one.url_patterns)
        elif isinstance(one, URLPattern):
            view = getattr(one.callback, "view_class", None) or getattr(one.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, ApiView):
                yield path, view
