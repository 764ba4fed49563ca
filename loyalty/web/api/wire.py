"""Bytes in, bytes out: strict JSON of a bounded size, decimals exact, answers by orjson."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

import orjson
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

PROBLEM_TYPE = "application/problem+json"


class BodyTooLargeError(APIException):
    """The body is larger than this address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = _("The request is too large. Send fewer items at once.")


class JSONIn(BaseParser):
    """RFC 8259 to the letter: UTF-8, no NaN, no name twice, no depth that hurts.

    A number with decimals arrives as an exact ``Decimal``, never as a float.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLargeError
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not valid UTF-8."), code="bad_utf8") from error
        try:
            return json.loads(
                text.removeprefix("\ufeff"),
                parse_float=Decimal,
                parse_constant=_no_constant,
                object_pairs_hook=_no_name_twice,
            )
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply."), code="bad_json") from error
        except ValueError as error:
            told = _("The body is not valid JSON: %(why)s") % {"why": str(error)[:200]}
            raise ParseError(told, code="bad_json") from error


class JSONOut(BaseRenderer):
    """Plain values and frozen dataclasses as JSON; instants as RFC 3339 in UTC."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z)


class ProblemOut(JSONOut):
    """So that a caller may ask for ``application/problem+json`` in Accept."""

    media_type = PROBLEM_TYPE


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value)} has no place in an answer")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
