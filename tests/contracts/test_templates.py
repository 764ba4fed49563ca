"""Pages obey the content security policy (no inline script or style, nothing from another host), and
what they link to is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from tests.contracts.tree import ROOT

FORBIDDEN = {
    "inline script": re.compile(
        r"<script(?![^>]*\b(src=|type=[\"']application/(ld\+)?json))", re.IGNORECASE
    ),
    "inline style": re.compile(r"<style\b|<[^>{]+\sstyle=[\"']", re.IGNORECASE),
    "inline handler": re.compile(r"<[^>]+\son[a-z]+=[\"']", re.IGNORECASE),
    "javascript: link": re.compile(r"href=[\"']javascript:", re.IGNORECASE),
    "file of another host": re.compile(
        r"<(script|link|img|iframe)\b[^>]+(src|href)=[\"'](https?:)?//", re.IGNORECASE
    ),
    "unescaped output": re.compile(r"\|\s*safe\b|\{%\s*autoescape off"),
}
# Mail and print are read outside our pages, where only inline style is sure to work.
EXEMPT_FROM_STYLE = ("/email/", "/mail/", "/pdf/", "_pdf.html", "_print.html")


@pytest.mark.parametrize("fault", sorted(FORBIDDEN))
def test_templates_obey_the_policy(fault: str) -> None:
    found = []
    for path in sorted(ROOT.glob("templates/**/*.html")):
        name = path.relative_to(ROOT).as_posix()
        if fault == "inline style" and any(part in f"/{name}" for part in EXEMPT_FROM_STYLE):
            continue
        if fault == "unescaped output" and name.startswith("templates/django/"):
            continue  # Django's own form templates: help text is the developer's, not the user's
        text = path.read_text(encoding="utf-8")
        for match in FORBIDDEN[fault].finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{name}:{line}: {fault}: {match[0][:60]}")
    assert not found, "\n" + "\n".join(found)


def test_titles_are_plain_text() -> None:
    """A browser's tab shows tags as they are written."""
    mark = re.compile(r"{% block title %}.*?(\|(?:day|moment|when)(?!\|striptags)\b).*?{% endblock")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob("templates/**/*.html"))
        if mark.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_every_page_links_to_addresses_that_exist() -> None:
    """A link in a branch no test walks through would be an error page for whoever does."""
    known = set(_names(get_resolver(), ()))
    found = []
    for path in sorted(ROOT.glob("templates/**/*.html")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"{% url [\"']([a-z_]+:[a-z_]+)[\"']", text):
            if match[1] not in known:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path.relative_to(ROOT).as_posix()}:{line}: {match[1]}")
    assert not found, "\n" + "\n".join(found)


def _names(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _names(one, (*spaces, one.namespace) if one.namespace else spaces)
        elif one.name:
            yield ":".join((*spaces, one.name))
