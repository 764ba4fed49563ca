"""What is kept about a member, in words: for people who read no JSON.

The file they take along keeps the plain values; the page names them, and writes dates and states as
every other page does. What an app adds under a name unknown here is shown as it is.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.web import formats, states
from members.profiles.models import Identifier, Member
from members.profiles.rules import consents

Section = tuple[str, list[list[tuple[str, str]]]]

_SECTIONS: dict[str, Promise] = {
    "profile": gettext_lazy("Profile"),
    "identifiers": gettext_lazy("How I am recognised"),
    "consents": gettext_lazy("What I agreed to"),
    "notes": gettext_lazy("Notes"),
}
_NAMES: dict[str, Promise] = {
    "id": gettext_lazy("Number in our books"),
    "state": gettext_lazy("State"),
    "name": gettext_lazy("Name"),
    "gender": gettext_lazy("Gender"),
    "birthday": gettext_lazy("Birthday"),
    "language": gettext_lazy("Language"),
    "tags": gettext_lazy("Tags"),
    "joined_at": gettext_lazy("Joined"),
    "joined_through": gettext_lazy("Joined through"),
    "last_seen_at": gettext_lazy("Last seen"),
    "kind": gettext_lazy("Kind"),
    "value": gettext_lazy("Value"),
    "verified_at": gettext_lazy("Proven"),
    "purpose": gettext_lazy("Purpose"),
    "granted": gettext_lazy("Agreed"),
    "text": gettext_lazy("Text"),
    "text_version": gettext_lazy("Version of the text"),
    "channel": gettext_lazy("Given through"),
    "recorded_at": gettext_lazy("Recorded"),
}
_WORDS: dict[str, dict[str, str | Promise]] = {
    "gender": {str(code): word for code, word in Member.Gender.choices},
    "kind": {str(code): word for code, word in Identifier.Kind.choices},
    "language": {"vi": "Tiếng Việt", "en": "English"},
    "purpose": {one.code: one.label for one in (*consents.PURPOSES, *consents.TOPICS)},
}
_WAYS: dict[str, Promise] = {
    "till": gettext_lazy("at the till"),
    "portal": gettext_lazy("on the card's pages"),
    "dashboard": gettext_lazy("by the shop"),
    "import": gettext_lazy("from a file"),
    "api": gettext_lazy("from another system"),
}


def readable(data: dict[str, Any]) -> list[Section]:
    """Sections as headings with rows of names and values; what is empty is left out."""
    return [
        (
            str(_SECTIONS.get(name) or capfirst(name.replace("_", " "))),
            [_row(row) for row in (section if isinstance(section, list) else [section])],
        )
        for name, section in data.items()
    ]


def _row(row: Any) -> list[tuple[str, str]]:
    if not isinstance(row, dict):
        return [("", str(row))]
    return [
        (str(_NAMES.get(key) or capfirst(key.replace("_", " "))), _told(key, value))
        for key, value in row.items()
        if value not in (None, "", [])
    ]


def _told(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    text = str(value)
    if key == "state":
        return states.label_of(text)
    if key in {"joined_through", "channel"}:
        return str(_WAYS.get(text, text))
    if key.endswith("_at"):
        return formats.instant_text(datetime.fromisoformat(text))
    if key == "birthday" or key.endswith("_on"):
        return formats.day_text(date.fromisoformat(text))
    return str(_WORDS.get(key, {}).get(text, text))
