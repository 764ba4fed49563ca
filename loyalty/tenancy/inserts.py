"""Inserts of rows as plain values: one statement, prepared once, whatever the number of rows.

A sale writes rows of ten kinds, and composing their statements takes Django longer than the database
takes to store them. So the rows of one kind travel as one JSON document, which the database takes
apart again: the text of the statement never changes. The tenant scope holds as everywhere: what is
inserted belongs to the programme in scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeVar

import orjson
from django.db import connection, models
from django.db.models.constants import OnConflict

from loyalty.tenancy.scope import TenantModel, current_programme

M = TypeVar("M", bound=TenantModel)

_PROGRAMME = "programme_id"


class Insert(Generic[M]):
    """Inserts rows of one model; rows that are there already can be written over.

    Args:
        names: of the fields in the order in which rows give their values, a word for each
            (``"account_id amount"``); by default all but the key, in the order of the model. The
            programme is never among them: it is the one in scope.
        unique: the fields by which a row is there already; ``update``: what is then written over.
    """

    def __init__(
        self,
        model: type[M],
        names: str = "",
        *,
        unique: str = "",
        update: str = "",
    ) -> None:
        key = model._meta.pk.attname
        known = {field.attname: field for field in model._meta.concrete_fields}
        needed = [name for name in known if name not in (key, _PROGRAMME)]
        given = names.split() or needed
        lacking = set(needed) - set(given)
        assert not lacking, f"Rows of {model.__name__} lack {sorted(lacking)}."
        self._model = model
        self._fields = [known[name] for name in given]
        self._values = attrgetter(*given)
        self._unique = [known[name].column for name in unique.split()]
        self._update = [known[name].column for name in update.split()]

    def __call__(self, rows: Sequence[Sequence[Any]]) -> list[int]:
        """Insert rows given as values; answers their keys in order. One query, none without rows.

        Values are plain ones that orjson knows, whole numbers of 64 bits at most.
        """
        programme = current_programme()
        if not rows:
            return []
        if connection.vendor == "sqlite":
            rows = [self._as_sqlite_keeps_it(row) for row in rows]
        document = orjson.dumps(rows, default=str).decode()
        with connection.cursor() as cursor:
            cursor.execute(self._sql, (programme.pk, document))
            return [key for (key,) in cursor.fetchall()]

    def keep(self, rows: Sequence[M]) -> None:
        """Insert model instances, each of which guards itself and gets its key. One query."""
        for row in rows:
            row.guard()
        for row, key in zip(rows, self([self._values(row) for row in rows]), strict=True):
            row.pk, row._state.adding, row._state.db = key, False, connection.alias

    @cached_property
    def _sql(self) -> str:
        """The statement; its parameters are the programme and the document."""
        quoted = connection.ops.quote_name
        if connection.vendor == "sqlite":
            # In the order of the document: the keys of the rows are answered in theirs.
            source, order = "json_each(%s)", "key"
            values = [f"json_extract(value, '$[{place}]')" for place in range(len(self._fields))]
        else:
            source = "jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS given (value, place)"
            order = "place"
            values = [_cast(field, place) for place, field in enumerate(self._fields)]
        columns = [_PROGRAMME, *(str(field.column) for field in self._fields)]
        conflict = ""
        if self._unique:
            conflict = connection.ops.on_conflict_suffix_sql(
                self._fields, OnConflict.UPDATE, self._update, self._unique
            )
        parts = [
            f"INSERT INTO {quoted(self._model._meta.db_table)}",
            f"({', '.join(map(quoted, columns))})",
            "SELECT",
            ", ".join(["%s", *values]),
            f"FROM {source} WHERE true ORDER BY {order} {conflict}",
            f"RETURNING {quoted(str(self._model._meta.pk.column))}",
        ]
        return " ".join(parts)

    def _as_sqlite_keeps_it(self, row: Sequence[Any]) -> list[Any]:
        """SQLite has no types for instants and documents: Django says how it writes them."""
        return [
            field.get_db_prep_save(value, connection)
            for field, value in zip(self._fields, row, strict=True)
        ]


def _cast(field: models.Field[Any, Any], place: int) -> str:
    if isinstance(field, models.JSONField):
        return f"nullif(value -> {place}, 'null')"
    if isinstance(field, models.CharField | models.TextField):
        return f"value ->> {place}"  # a cast would cut what is too long, where storing it refuses
    return f"(value ->> {place})::{field.db_type(connection)}"
