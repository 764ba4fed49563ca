"""Statements composed once: the same rows are read and written without making the SQL anew.

Django composes the text of a statement for each call, which takes longer than running it. What is
kept here, per connection, is that text as Django itself composed it, and the way from values to
parameters and from columns to rows; values go through the same field methods each time. The tenant
scope holds as everywhere: a :class:`Read`, :class:`Sums` or :class:`Update` is composed inside a scope and takes
the programme from the scope it runs in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Value
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django_scopes import get_scope, scope, scopes_disabled
from django_scopes.exceptions import ScopeError

M = TypeVar("M", bound=models.Model)
Values = Mapping[str, Any]

_PROGRAMME = "programme"


class _Given:
    """Stands in a composed statement for a value that is given when it runs."""

    def __init__(self, name: str) -> None:
        self.name = name


class Read(Generic[M]):
    """A read of whole rows with what ``select_related`` joins to them.

    Args:
        build: from placeholders, by name, to the queryset. They take the place of strings and
            integers in ``==`` look-ups.
        lock: the joined tables whose rows are locked, ``self`` among them, for a command.
        scoped: ``False`` for the few reads that come before there is a scope.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[M]],
        *,
        lock: tuple[str, ...] = (),
        scoped: bool = True,
    ) -> None:
        self._build, self._lock, self._scoped = build, lock, scoped

    def __call__(self, **values: str | int) -> list[M]:
        """The rows that ``values`` (by the names of the placeholders) ask for. One query."""
        connection = _connection()
        known = _known(connection)
        composed = known.get(self)
        if composed is None:
            with _placeholder_scope(scoped=self._scoped):
                given = {name: Value(_Given(name)) for name in values}
                rows = self._build(**given)
                # Composed once for every merchant, so it never reads what is one merchant's alone.
                assert not getattr(rows.model, "private_to", ""), rows.model
                if self._lock:
                    rows = rows.select_for_update(of=self._lock)
                composed = known[self] = _ComposedRead(rows, connection)
        return cast("list[M]", composed.rows(_with_programme(values, scoped=self._scoped)))


class Sums:
    """A read of counts and sums of whole numbers over the rows of the programme: plain values.

    Args:
        build: from placeholders, by name, to the queryset; they take the place of strings, integers
            and instants. ``figures`` are the aggregates, by name, in the order they are answered.
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[Any]], **figures: models.Aggregate
    ) -> None:
        self._build, self._figures = build, figures

    def __call__(self, **values: str | int | datetime) -> tuple[int, ...]:
        """The figures; 0 where no row is found. One query."""
        connection = _connection()
        known = _known(connection)
        composed = known.get(self)
        if composed is None:
            composed = known[self] = self._compose(connection, values)
        sql, params = composed
        ready = {
            name: connection.ops.adapt_datetimefield_value(one)
            if isinstance(one, datetime)
            else one
            for name, one in values.items()
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, _fill(params, _with_programme(ready)))
            found = cursor.fetchone()
        # A database may sum whole numbers to a decimal.
        return tuple(int(one or 0) for one in found[1:]) if found else (0,) * len(self._figures)

    def _compose(
        self, connection: BaseDatabaseWrapper, values: Mapping[str, Any]
    ) -> tuple[str, Sequence[Any]]:
        with _placeholder_scope():
            rows = self._build(**{name: Value(_Given(name)) for name in values})
            summed = rows.order_by().values_list(_PROGRAMME).annotate(**self._figures)
            sql, params = summed.query.get_compiler(connection=connection).as_sql()
        return sql, params


class Update:
    """An update of some fields of one row, by its primary key."""

    def __init__(self, model: type[models.Model], *names: str) -> None:
        self._model = model
        known = {field.name: field for field in model._meta.concrete_fields}
        self._fields = {name: known[name] for name in names}

    def __call__(self, pk: int, **values: Any) -> int:
        """Write the values; answers how many rows there were (0 or 1). One query."""
        connection = _connection()
        known = _known(connection)
        composed = known.get(self)
        if composed is None:
            composed = known[self] = self._compose(connection)
        sql, params = composed
        ready: dict[str, Any] = {
            name: field.get_db_prep_save(values[name], connection)
            for name, field in self._fields.items()
        }
        filled = _fill(params, _with_programme({**ready, "pk": pk}))
        with connection.cursor() as cursor:
            cursor.execute(sql, filled)
            return int(cursor.rowcount)

    def _compose(self, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[Any]]:
        with _placeholder_scope():
            rows = self._model._default_manager.filter(pk=Value(_Given("pk")))
            query = cast("UpdateQuery", rows.query.chain(UpdateQuery))
            query.add_update_values({name: Value(_Given(name)) for name in self._fields})
            sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, params


class _ComposedRead:
    """One read on one connection."""

    def __init__(self, rows: models.QuerySet[Any], connection: BaseDatabaseWrapper) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        self._connection = connection
        self._sql, self._params = compiler.as_sql()
        info = compiler.klass_info
        assert info is not None
        assert not compiler.annotation_col_map
        columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
        self._converters = [
            (position, functions, column)
            for position, (functions, column) in compiler.get_converters(columns).items()
        ]
        own = info["select_fields"]
        self._model, self._own = info["model"], slice(own[0], own[-1] + 1)
        self._names = [column.target.attname for column in columns[self._own]]
        # The types are those of the next Django, where there is one argument more.
        populators = cast("Callable[..., list[Any]]", get_related_populators)
        self._related = populators(info, compiler.select, connection.alias)

    def rows(self, values: Values) -> list[models.Model]:
        with self._connection.cursor() as cursor:
            cursor.execute(self._sql, _fill(self._params, values))
            found = cursor.fetchall()
        return list(self._made(found))

    def _made(self, found: Sequence[Sequence[Any]]) -> Iterator[models.Model]:
        connection = self._connection
        for columns in found:
            values = list(columns)
            for position, functions, column in self._converters:
                for function in functions:
                    values[position] = function(values[position], column, connection)
            row = self._model.from_db(connection.alias, self._names, values[self._own])
            for populator in self._related:
                populator.populate(values, row)
            yield row


def _connection() -> BaseDatabaseWrapper:
    return connections["default"]


def _known(connection: BaseDatabaseWrapper) -> dict[Any, Any]:
    """What was composed for a connection; it goes when the connection goes."""
    known: dict[Any, Any] = connection.__dict__.setdefault("_composed_statements", {})
    return known


def _placeholder_scope(*, scoped: bool = True) -> AbstractContextManager[Any]:
    if not scoped:
        return scopes_disabled()
    return scope(programme=Value(_Given(_PROGRAMME)), merchant_id=None)


def _with_programme(values: Values, *, scoped: bool = True) -> Values:
    if not scoped:
        return values
    programme = get_scope().get(_PROGRAMME)
    if programme is None:
        raise ScopeError("A programme needs to be in scope here.")
    return {**values, _PROGRAMME: programme.pk}


def _fill(params: Sequence[Any], values: Values) -> list[Any]:
    return [values[one.name] if isinstance(one, _Given) else one for one in params]
