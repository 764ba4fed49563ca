"""The document of the API: what :func:`operation` says of an endpoint, as OpenAPI 3.1.

Answers are frozen dataclasses and describe themselves (:func:`shape`); bodies are serializers.
Every endpoint gets the errors, headers and security that the base view gives it, so no handler
repeats them. Examples are required: the URL contract test sends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import TypeAdapter

from loyalty.web.api.inputs import Body, NoFilters, Query
from loyalty.web.api.problems import TITLES
from loyalty.web.api.wire import PROBLEM_TYPE

F = TypeVar("F", bound=Callable[..., Any])

# Shapes of answers by component name; the document takes them in at its end.
SHAPES: dict[str, dict[str, Any]] = {}
_REF = "#/components/schemas/"

_ALWAYS = (400, 401, 403, 406, 429)
_WITH_BODY = (413, 415)
_PROBLEM = {"$ref": f"{_REF}Problem"}


def shape(answer: Any, *, name: str = "") -> dict[str, Any]:
    """The schema of a frozen dataclass (or any type pydantic knows), kept as a component."""
    found = TypeAdapter(answer).json_schema(ref_template=_REF + "{model}")
    parts = found.pop("$defs", {})
    for one in (found, *parts.values()):
        _all_present(one)
    SHAPES.update(parts)
    name = name or getattr(answer, "__name__", "")
    if not name or not isinstance(answer, type) or "properties" not in found:
        return found
    SHAPES[name] = found
    return {"$ref": _REF + name}


def operation(
    summary: str,
    *,
    tag: str,
    answer: Any = None,
    body: type[Body] | None = None,
    example: Mapping[str, Any] | None = None,
    answer_example: Any = None,
    query: type[Query] | None = None,
    is_list: bool = False,
    status: int = 0,
    errors: Sequence[int] = (),
    description: str = "",
) -> Callable[[F], F]:
    """Document a handler (``get``, ``post``, ``patch``, ``put``, ``delete``) of an ApiView.

    Args:
        answer: the frozen dataclass that is answered; of lists, the dataclass of one item.
        body: the serializer of the body, with ``example``, a valid body that tests send.
        query: the filters of a list. What is not named here is refused: the document is the rule.
        is_list: it answers pages, and takes ``cursor`` and ``limit``.
        status: of the success; 200, or 201 for a POST and 204 where nothing is answered.
        errors: statuses beyond those every endpoint can answer (404 and 409 are added where the
            method or the path implies them).
    """
    assert body is None or example is not None, f"{summary}: give an example of the body"

    def wrap(handler: F) -> F:
        method = handler.__name__
        success = status or (204 if answer is None else 201 if method == "post" else 200)
        responses: dict[Any, Any] = {
            success: _success(answer, is_list=is_list, example=answer_example)
        }
        for code in sorted({*_errors(method, has_body=body is not None), *errors}):
            responses[code, PROBLEM_TYPE] = OpenApiResponse(_PROBLEM, str(TITLES[code]))
        request: Any = {"application/json": body} if body else None
        examples = []
        if example is not None:
            examples.append(OpenApiExample("Ví dụ", dict(example), request_only=True))
        vars(handler).update(example=example, query=query or NoFilters, is_list=is_list)
        decorated = extend_schema(
            summary=summary,
            description=description or summary,
            tags=[tag],
            request=request,
            responses=responses,
            examples=examples,
            parameters=[
                *_headers(method, success=success),
                *([query] if query else []),
                *(_CURSOR if is_list else []),
            ],
        )
        return decorated(handler)

    return wrap


def _all_present(schema: dict[str, Any]) -> None:
    """An answer always has all its fields; titles that repeat the names say nothing."""
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
        for one in schema["properties"].values():
            one.pop("title", None)
            one.pop("default", None)


def _success(answer: Any, *, is_list: bool, example: Any) -> OpenApiResponse:
    if answer is None:
        return OpenApiResponse(description="Done; there is nothing to say.")
    schema = answer if isinstance(answer, dict) else shape(answer)
    if is_list:
        schema = _page_of(schema)
        example = example and {"data": [example], "has_more": False, "next_cursor": None}
    examples = [OpenApiExample("Ví dụ", example, response_only=True)] if example else []
    return OpenApiResponse(schema, description="Done.", examples=examples)


def _page_of(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["data", "has_more", "next_cursor"],
        "properties": {
            "data": {"type": "array", "items": item},
            "has_more": {"type": "boolean"},
            "next_cursor": {"type": ["string", "null"], "description": "Give it as `cursor`."},
        },
    }


def _errors(method: str, *, has_body: bool) -> set[int]:
    found = {*_ALWAYS, 404}
    if has_body or method in ("post", "patch", "put"):
        found |= {*_WITH_BODY}
    if method == "post":
        found |= {409, 422}
    if method in ("patch", "put"):
        found |= {409, 412, 422, 428}
    if method == "delete":
        found |= {409, 422}
    return found


def _headers(method: str, *, success: int) -> list[OpenApiParameter]:
    given = [
        OpenApiParameter(
            "Accept-Language",
            OpenApiTypes.STR,
            OpenApiParameter.HEADER,
            description="`vi` or `en`; the programme's own language where it is missing.",
            enum=["vi", "en"],
        )
    ]
    if method == "post":
        given.append(_header("Idempotency-Key", _IDEMPOTENCY, required=True))
        given.append(_answered("Idempotency-Replayed", "`true` on a repeated answer.", success))
    if method in ("patch", "put"):
        given.append(_header("If-Match", "The ETag you read, or `*`.", required=True))
        given.append(_answered("ETag", "The version after the change.", success))
    given.append(_answered("RateLimit", 'What is left: `"key";r=1199;t=58`.', success))
    given.append(_answered("RateLimit-Policy", 'The quota: `"key";q=1200;w=60`.', success))
    return given


def _header(name: str, told: str, *, required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=told, required=required
    )


def _answered(name: str, told: str, status: int) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=told, response=[status]
    )


_IDEMPOTENCY = (
    "1 to 255 printable characters, a UUID for instance. The same key with the same body answers "
    "what was answered first; with another body it is refused with 409."
)
_CURSOR = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="`next_cursor` of the page before."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}),
]
