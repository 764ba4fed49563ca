"""Shapes of what comes in: a body or the query of a list, with unknown names refused by name."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.settings import api_settings


class Body(serializers.Serializer):  # type: ignore[type-arg]
    """Base of every request body. A misspelt field must not be ignored: it may mean money."""

    _without_fields = "unknown_field"

    default_error_messages = {
        "invalid": _("Give a JSON object."),
        "unknown_field": _("There is no such field here."),
    }

    @classmethod
    def check(cls, given: Any) -> dict[str, Any]:
        """The values of what was sent (nothing at all counts as an empty object).

        Raises ``ValidationError`` naming every field at fault.
        """
        values: dict[str, Any] = _checker(cls).run_validation({} if given is None else given)
        return values

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValidationError(
                {
                    api_settings.NON_FIELD_ERRORS_KEY: [
                        ErrorDetail(str(self.error_messages["invalid"]), code="not_an_object")
                    ]
                }
            )
        unknown = [name for name in data if name not in self.fields]
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if unknown:
                raise ValidationError({**error.detail, **self._refused(unknown)}) from error  # type: ignore[dict-item]
            raise
        if unknown:
            raise ValidationError(self._refused(unknown))
        return values

    def _refused(self, names: list[str]) -> dict[str, list[ErrorDetail]]:
        which = "unknown_field" if self.fields else self._without_fields
        told = str(self.error_messages[which]).format(names=", ".join(self.fields))
        return {name[:80]: [ErrorDetail(told, code="unknown_field")] for name in names[:20]}


PAGING = ("cursor", "limit")
FORMAT, FORMATS = "format", ("json",)


class Query(Body):
    """Base of the filters of a list. Values are text; a filter given twice is refused."""

    default_error_messages = {
        "unknown_field": _("There is no such filter here. There are: {names}."),
        "no_filters": _("There is no such filter here; there are none at all."),
        "given_twice": _("Give this filter once."),
        "bad_format": _("Give one of: {choices}."),
    }

    _without_fields = "no_filters"

    @classmethod
    def read(cls, query: QueryDict, *, is_list: bool) -> dict[str, Any]:
        """The filters of an address, checked. What pages a list is left to whoever pages it.

        Raises ``ValidationError`` naming every parameter that is unknown, bad or given twice.
        """
        given = cls.plain(query)
        if given.pop(FORMAT, FORMATS[0]) not in FORMATS:
            told = str(cls.default_error_messages["bad_format"]).format(choices=", ".join(FORMATS))
            raise ValidationError({FORMAT: [ErrorDetail(told, code="invalid_choice")]})
        if is_list:
            given = {name: one for name, one in given.items() if name not in PAGING}
        if not given and cls is NoFilters:
            return {}  # as most calls: nothing is asked of what knows nothing
        return cls.check(given)

    @classmethod
    def plain(cls, query: QueryDict) -> dict[str, str]:
        """The filters as a flat mapping. Raises ``ValidationError`` where one is given twice."""
        twice = [name for name, values in query.lists() if len(values) > 1]
        if twice:
            told = str(cls.default_error_messages["given_twice"])
            raise ValidationError({name: [ErrorDetail(told, code="given_twice")] for name in twice})
        return {name: str(value) for name, value in query.items()}


class NoFilters(Query):
    """An address that asks nothing more: one thing, or a list that has no filters."""


@cache
def _checker(shape: type[Body]) -> Body:
    """One of each shape for all requests: it keeps nothing, and making its fields takes long."""
    return shape()
