"""Lists of a rule that are rows of columns (steps of a streak, rewards on the way): as rows of a form.

A kind of rule names them (``Rule.tables``), and owners fill in rows instead of JSON. What must stay
true: a row nobody touched is kept as it was written; an empty row is no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst

from loyalty.web.forms import WholeField

SPARE, MOST = 2, 20


@dataclass(frozen=True)
class Column:
    """A column: a whole number, or one of some rows of a model (``rows``), kept by its public id."""

    label: str | Promise
    rows: Callable[[], Iterable[Any]] | None = None


Columns = Mapping[str, Column]


def table_rows(name: str, columns: Columns, data: Any, value: Sequence[Any]) -> int:
    """How many rows to show, or to read of what was sent."""
    if data is None:
        return max(min(len(value) + SPARE, MOST), len(value))
    first = next(iter(columns))
    sent = [row for row in range(MOST) if f"{name}-{row}-{first}" in data]
    return max(len(value), *(row + 1 for row in sent), 1)


def table_fields(
    name: str, columns: Columns, *, rows: int, value: Sequence[Any]
) -> dict[str, forms.Field]:
    """The fields of all rows, by name: ``steps-0-at`` … A query for each column of a model. What the
    list has chosen stays a choice, though nobody could choose it anew.
    """
    choices: dict[str, list[tuple[str, str]]] = {}
    for part, column in columns.items():
        if column.rows is not None:
            known = {str(one.public_id): str(one) for one in column.rows()}
            chosen = {str(one[part]) for one in value if isinstance(one, Mapping) and one.get(part)}
            more = {one: one for one in sorted(chosen - known.keys())}
            choices[part] = [("", "–"), *{**known, **more}.items()]
    fields: dict[str, forms.Field] = {}
    for row in range(rows):
        for part, column in columns.items():
            label = capfirst(str(column.label))
            label = f"{label} {row + 1}" if part == next(iter(columns)) else label
            fields[f"{name}-{row}-{part}"] = (
                forms.ChoiceField(label=label, choices=choices[part], required=False)
                if part in choices
                else WholeField(label=label, required=False)
            )
    return fields


def shown_table(name: str, columns: Columns, value: Sequence[Any]) -> dict[str, Any]:
    """What the fields show of the list."""
    return {
        f"{name}-{row}-{part}": one.get(part)
        for row, one in enumerate(value)
        if isinstance(one, Mapping)
        for part in columns
    }


def read_table(
    form: forms.Form,
    name: str,
    columns: Columns,
    *,
    before: Sequence[Any],
    is_changed: Callable[[str], bool],
) -> list[Any]:
    """The list as sent; untouched rows as they were, empty ones left out."""
    found: list[Any] = []
    row = 0
    while f"{name}-{row}-{next(iter(columns))}" in form.fields:
        own = {part: f"{name}-{row}-{part}" for part in columns}
        was = before[row] if row < len(before) else None
        if was is not None and not any(map(is_changed, own.values())):
            found.append(was)
        else:
            typed = {part: form.cleaned_data.get(field) for part, field in own.items()}
            filled = {part: one for part, one in typed.items() if one not in (None, "")}
            if filled:
                found.append(filled)
        row += 1
    return found
