"""What is kept about a member, in words: for people who read no JSON.

The file they take along keeps the plain values; the page names them, and writes dates and states as
every other page does. An app names what it keeps beside it: ``NAMES`` and ``WORDS`` of its
``personal_data.py``, and ``shown(section, rows)`` where a code stands for something that has a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.common import naming
from loyalty.tenancy.scope import current_programme
from loyalty.web import formats, states
from loyalty.web.discovery import modules_named
from members.profiles.models import Identifier, Member
from members.profiles.rules import consents

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:")

Section = tuple[str, list[list[tuple[str, str]]]]

_SECTIONS: dict[str, Promise] = {
    "profile": gettext_lazy("Profile"),
    "identifiers": gettext_lazy("How I am recognised"),
    "consents": gettext_lazy("What I agreed to"),
    "notes": gettext_lazy("Notes"),
}
NAMES: dict[str, Promise] = {
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


@dataclass(frozen=True)
class Vocabulary:
    """How one app calls what it keeps, before the words all share."""

    names: Mapping[str, Promise] = field(default_factory=dict)
    words: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    shown: Callable[[str, Any], Any] | None = None

    def name(self, key: str) -> str:
        """The heading of a section or the name of a value."""
        own = self.names.get(key) or _SECTIONS.get(key) or NAMES.get(key)
        return str(own or capfirst(key.replace("_", " ")))

    def told(self, key: str, value: Any) -> str:
        """A value as every other page writes it."""
        if isinstance(value, int):
            return _number(key, value)
        if isinstance(value, list):
            return ", ".join(str(one) for one in value)
        text = naming.told(value) if isinstance(value, str) else str(value)
        if key in self.words:
            return str(self.words[key].get(text, text))
        if key == "state":
            return states.label_of(text)
        if key in {"joined_through", "channel"}:
            return str(_WAYS.get(text, text))
        if _INSTANT.match(text):
            return formats.instant_text(datetime.fromisoformat(text))
        if key == "birthday" or key.endswith("_on"):
            return formats.day_text(date.fromisoformat(text))
        return str(_WORDS.get(key, {}).get(text, text))


def _number(key: str, value: int) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key.endswith("_minor"):
        return formats.money_text(value, currency=current_programme().currency)
    return formats.number_text(value) if key.startswith("points") else str(value)


def readable(data: dict[str, Any]) -> list[Section]:
    """Sections as headings with rows of names and values; what is empty is left out."""
    vocabularies = [
        Vocabulary(
            names=module.NAMES,
            words={key: dict(told) for key, told in getattr(module, "WORDS", {}).items()},
            shown=getattr(module, "shown", None),
        )
        for module in modules_named("personal_data")
    ]
    told: list[Section] = []
    for name, section in data.items():
        own = next((one for one in vocabularies if name in one.names), Vocabulary())
        named = own.shown(name, section) if own.shown is not None else section
        for heading, rows in _parts(name, named):
            shown = [_row(row, own) for row in rows]
            told.append((own.name(heading), [row for row in shown if row]))
    return told


def _parts(name: str, section: Any) -> Iterator[tuple[str, list[Any]]]:
    """A section, and each list of rows inside it under a heading of its own."""
    if not isinstance(section, dict):
        yield name, section if isinstance(section, list) else [section]
        return
    lists = {key: one for key, one in section.items() if one and _is_rows(one)}
    plain = {key: one for key, one in section.items() if key not in lists}
    if any(plain.values()) or not lists:
        yield name, [plain]
    yield from lists.items()


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _row(row: Any, own: Vocabulary) -> list[tuple[str, str]]:
    if not isinstance(row, dict):
        return [("", str(row))] if row else []
    return [
        (own.name(key), own.told(key, value))
        for key, value in row.items()
        if value not in (None, "", [])
    ]
