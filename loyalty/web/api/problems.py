"""Refusals on the wire: RFC 9457 problem details with stable codes.

``type`` is a URI that leads to the list of codes in the API's own page, ``code`` is what an
integrator switches on, ``errors`` names every field at fault by JSON pointer. 400 is "this request
can never work, mend it"; 422 is "well formed, and the rules of the programme say no".
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from loyalty.common import errors
from loyalty.web.api.wire import PROBLEM_TYPE

log = structlog.get_logger(__name__)

TITLES: dict[int, Any] = {
    400: _("The request is wrong"),
    401: _("A valid API key is needed"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Not possible here"),
    406: _("Only JSON is spoken here"),
    409: _("It clashes with what is recorded"),
    412: _("It was changed meanwhile"),
    413: _("The request is too large"),
    415: _("Send JSON"),
    422: _("The rules say no"),
    428: _("Say which version you change"),
    429: _("Too many requests"),
    500: _("The fault is ours"),
    503: _("Not available for the moment"),
}
STATUS: tuple[tuple[type[errors.DomainError], int], ...] = (
    (errors.Outdated, 412),
    (errors.Conflict, 409),
    (errors.NotFound, 404),
    (errors.Forbidden, 403),
    (errors.TooMany, 429),
    (errors.Refused, 422),
    (errors.Invalid, 400),
)


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Answers ``None`` for our own faults, which Django then reports."""
    if isinstance(error, errors.DomainError):
        return _response(domain_problem(error), headers=_waits(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        return _response(problem(413, "body_too_large", TITLES[413]))
    if isinstance(error, exceptions.APIException):
        return _response(_framework_problem(error), headers=_headers(error))
    return None


def problem(
    status: int,
    code: str,
    detail: Any,
    *,
    found: list[dict[str, Any]] | None = None,
    params: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One problem document. ``params`` are plain values a program may want (``missing`` …)."""
    document: dict[str, Any] = {
        "type": f"{settings.BASE_URL}/api/v1/docs/#{code}",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "code": code,
        "detail": str(detail),
    }
    if found:
        document["errors"] = found
    if params:
        document["params"] = params
    return document


def domain_problem(error: errors.DomainError, *, under: str = "") -> dict[str, Any]:
    """The problem of a domain error; ``under`` is the pointer its fields are relative to."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
    each = error.errors if isinstance(error, errors.Several) else [error]
    if isinstance(error, errors.Several):
        status = max(
            (code for one in each for kind, code in STATUS if type(one) is kind), default=status
        )
    found = [
        {"pointer": under + pointer(one.field), "code": one.code, "detail": str(one.message)}
        for one in each
        if one.field
    ]
    return problem(status, error.code, error.message, found=found, params=error.params)


def input_problem(error: exceptions.ValidationError, *, under: str = "") -> dict[str, Any]:
    """The problem of a body or query that its serializer refused."""
    found = [
        {"pointer": under + where, "code": code, "detail": told}
        for where, code, told in _flat(error.detail, "")
    ]
    code = found[0]["code"] if len(found) == 1 else "invalid_request"
    detail = (
        found[0]["detail"] if len(found) == 1 else _("Some fields are wrong; “errors” names them.")
    )
    return problem(400, code, detail, found=found)


@contextmanager
def faults_inside(parent: str, *, apart: Container[str] = ()) -> Iterator[None]:
    """Point at ``/values/points``: a command knows the values, the caller sent them in an object.

    ``apart`` are fields that stand beside that object.
    """
    try:
        yield
    except errors.DomainError as error:
        error.move_under(parent, apart=apart)
        raise


def pointer(field: str) -> str:
    """A dotted path (``lines.0.quantity``) as a JSON pointer (``/lines/0/quantity``)."""
    return "".join(f"/{_escaped(part)}" for part in field.split(".")) if field else ""


def _framework_problem(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return input_problem(error)
    detail = error.detail
    code = str(getattr(detail, "code", error.default_code))
    if isinstance(error, exceptions.NotFound):
        code, detail = "not_found", exceptions.ErrorDetail(str(_("There is nothing here.")))
    params = getattr(error, "params", None)
    return problem(error.status_code, code, detail, params=params)


def _response(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    status = document["status"]
    log.info("api_refused", code=document["code"], status=status)
    return Response(document, status=status, headers=headers, content_type=PROBLEM_TYPE)


def _waits(error: errors.DomainError) -> dict[str, str]:
    wait = error.params.get("wait_seconds") if isinstance(error, errors.TooMany) else None
    return {} if wait is None else {"Retry-After": str(max(1, int(wait)))}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    challenge = getattr(error, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    return headers


def _flat(detail: Any, where: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            is_whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _flat(inner, where if is_whole else f"{where}/{_escaped(str(name))}")
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flat(inner, f"{where}/{index}" if nested else where)
    else:
        yield where, str(getattr(detail, "code", "invalid")), str(detail)


def _escaped(part: str) -> str:
    """One step of a pointer; what no UTF-8 can carry (a lone surrogate) is shown as “?”."""
    shown = part.encode("utf-8", "replace").decode()
    return shown.replace("~", "~0").replace("/", "~1")
