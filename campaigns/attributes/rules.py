"""Attributes as plain values: what one may be, and what is wrong with a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR

FACT_PREFIX = "attribute."
STATUS = "attributes"
MAX_TEXT = 200
MAX_OPTIONS = 100
MAX_ATTRIBUTES = 100
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, kw_only=True)
class AttributeTerms:
    """An attribute. ``options`` are the texts it can be (none: any); ``names`` vi and en."""

    code: str
    kind: str
    names: tuple[str, str]
    options: tuple[str, ...] = ()
    is_told: bool = False

    @property
    def fact(self) -> str:
        """The name rules ask for it by."""
        return f"{FACT_PREFIX}{self.code}"

    def name(self, language: str) -> str:
        """What it is called in a language."""
        vietnamese, english = self.names
        return (english or vietnamese) if language.startswith("en") else vietnamese


def definition_problems(
    *, code: str, kind: str, names: tuple[str, str], options: tuple[str, ...]
) -> list[DomainError]:
    """What is wrong with a declaration, by field."""
    found: list[DomainError] = []
    if not _CODE.fullmatch(code):
        text = _("Use small letters, digits and _, beginning with a letter, such as “lines”.")
        found.append(Invalid("bad_code", text, field="code"))
    if not any(one.strip() for one in names):
        found.append(Invalid("required", _("Give it a name."), field="name_vi"))
    if options and kind != "text":
        found.append(
            Invalid("only_for_texts", _("Only a text has possible texts."), field="options")
        )
    for number, one in enumerate(options):
        if not isinstance(one, str) or not 1 <= len(one) <= MAX_TEXT or not one.isprintable():
            found.append(Invalid("bad_value", _("Give a short text."), field=f"options.{number}"))
    if len(options) > MAX_OPTIONS or len(set(map(str, options))) < len(options):
        too_many = _("Give at most %(n)s texts, each once.") % {"n": MAX_OPTIONS}
        found.append(Invalid("bad_list", too_many, field="options"))
    return found


def value_problems(
    values: Mapping[str, Any], known: Mapping[str, AttributeTerms]
) -> list[DomainError]:
    """What is wrong with values given for a member, by code. ``None`` forgets a value."""
    found: list[DomainError] = []
    for code, value in values.items():
        terms, where = known.get(code), f"values.{code[:60]}"
        if terms is None:
            text = _("There is no attribute “%(code)s”. Declare it first.") % {"code": code[:60]}
            found.append(Invalid("unknown_attribute", text, field=where))
        elif value is not None and (fault := _fault(terms, value)) is not None:
            found.append(Invalid(fault[0], fault[1], field=where))
    return found


def _fault(terms: AttributeTerms, value: Any) -> tuple[str, Any] | None:
    """Code and text of what is wrong with a value."""
    if terms.kind == "flag":
        return None if isinstance(value, bool) else ("wrong_type", _("Give true or false."))
    if terms.kind == "number":
        return _fault_of_number(value)
    if not isinstance(value, str) or not value.isprintable() or len(value) > MAX_TEXT:
        return "wrong_type", _("Give a short text.")
    if terms.options and value not in terms.options:
        some = {"some": ", ".join(terms.options[:8])}
        return "wrong_type", _("Use one of: %(some)s.") % some
    return None


def _fault_of_number(value: Any) -> tuple[str, Any] | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if is_number and abs(value) > MAX_MINOR:
        bounds = {"minimum": -MAX_MINOR, "maximum": MAX_MINOR}
        return "out_of_range", _("Give a number from %(minimum)s to %(maximum)s.") % bounds
    if not is_number or isinstance(value, Decimal):
        return "wrong_type", _("Give a whole number.")
    return None


def kept(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values after a change: what is left out stays, ``None`` is forgotten."""
    after = {**before, **values}
    return {code: value for code, value in after.items() if value is not None}


def read_typed(kind: str, text: str) -> Any:
    """A value as people type it; ``None`` where nothing is typed. What makes no sense stays text, and
    is refused by :func:`value_problems`.
    """
    typed = text.strip()
    if not typed:
        return None
    if kind == "flag":
        return {"yes": True, "no": False}.get(typed, typed)
    digits = typed.removeprefix("-")
    if kind == "number" and digits.isascii() and digits.isdigit() and len(digits) <= 15:
        return int(typed)
    return typed
