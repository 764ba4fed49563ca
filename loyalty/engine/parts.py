"""What an app has besides rules that a ready-made programme can hold, such as badges.

An app's ``drafts.py`` holds ``PARTS``, a tuple; nothing central names it. A part is written before
the rules, which point at it by ``<one>:<key>``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from loyalty.commands.decorator import Context
from loyalty.web.discovery import modules_named

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True, kw_only=True)
class Part:
    """One kind of thing a programme consists of.

    Args:
        name: what the list of them is called in a file (``badges``).
        one: what one of them is called where a rule points at it (``badge`` in ``badge:<key>``).
        label: what people call them.
        permission: needed to write them.
        write: makes one from its values, answers its public id; raises as by hand.
        exported: those there are now, each by its public id.
    """

    name: str
    one: str
    label: str | Promise
    permission: str
    write: Callable[[Context, Mapping[str, Any]], str]
    exported: Callable[[], Sequence[tuple[str, Mapping[str, Any]]]]


@cache
def parts() -> Mapping[str, Part]:
    """Every part by its name."""
    found = [part for module in modules_named("drafts") for part in module.PARTS]
    return {part.name: part for part in found}


def defaults_of(row: Model) -> dict[str, Any]:
    """What a new row of the same kind has, by the name of the field."""
    return {field.name: field.get_default() for field in row._meta.concrete_fields}


def without_defaults(row: Model, names: Iterable[str]) -> dict[str, Any]:
    """A row's values as plain data, those a new row has anyway left out."""
    usual, found = defaults_of(row), {}
    for name in names:
        value = getattr(row, name)
        if value == usual[name]:
            continue
        if isinstance(value, datetime | date):
            value = value.isoformat()
        found[name] = getattr(value, "public_id", value)
    return found
