"""A page's form as a browser has it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any


def form_values(html: str) -> dict[str, Any]:
    """What a browser would send of the page's form, unchanged."""
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]+>", html):
        found = dict(re.findall(r'(\S+?)="([^"]*)"', tag))
        kind, name = found.get("type", "text"), found.get("name")
        if not name or (kind in ("checkbox", "radio") and "checked" not in tag):
            continue
        value = found.get("value", "on" if kind == "checkbox" else "")
        values.setdefault(name, []).append(unescape(value))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        found_option = chosen or first
        values[name] = [found_option[1] if found_option else ""]
    for name, body in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL
    ):
        values[name] = [unescape(body.strip())]
    return values
