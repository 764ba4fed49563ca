"""The addresses of the API, found by their first word.

Django tries one address after the other, and there are some hundreds: finding one would cost a
call of the API more than reading who calls. Those that begin alike are tried together instead.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern


def by_first_word(routes: Iterable[URLPattern]) -> list[URLPattern | URLResolver]:
    """The same addresses, under one for each first word; names and order stay."""
    words: dict[str, list[URLPattern]] = {}
    for route in routes:
        assert isinstance(route.pattern, RoutePattern), route
        word, slash, rest = str(route.pattern).partition("/")
        assert slash and "<" not in word, f"{route} begins with no word."
        words.setdefault(word, []).append(
            path(rest, route.callback, route.default_args, route.name)
        )
    return [path(f"{word}/", include(alike)) for word, alike in words.items()]
