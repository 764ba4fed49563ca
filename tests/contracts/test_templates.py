"""Pages obey the content security policy: no inline script or style, nothing from another host."""

from __future__ import annotations

import re

import pytest

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
