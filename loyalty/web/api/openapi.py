"""How the generator of the OpenAPI document sees our views, keys, fields and answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema

from loyalty.web.api.fields import Strict
from loyalty.web.api.schema import SHAPES

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details. Programs switch on `code`.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "examples": ["not_enough_points"]},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "examples": ["/lines/0/quantity"]},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "params": {"type": "object", "additionalProperties": True},
    },
}


class Schema(AutoSchema):
    """Operation ids and errors as this API has them."""

    def get_operation_id(self) -> str:
        words = [
            word.replace("-", "_") for word in self.path.split("/")[3:] if word and "{" not in word
        ]
        verb = {"get": "get", "post": "post", "patch": "update", "delete": "delete"}
        return "_".join([verb.get(self.method.lower(), self.method.lower()), *_single(words, self)])

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3]]


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a call says who it is."""

    target_class = "loyalty.web.api.authentication.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "than_live_…",
            "description": "A key of one merchant, made in the dashboard and shown once.",
        }


class StrictField(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Our strict fields describe themselves."""

    target_class = Strict
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        described: dict[str, Any] = self.target.describe()
        return described


def only_ours(endpoints: list[tuple[str, ...]], **_kwargs: Any) -> list[tuple[str, ...]]:
    """The document speaks of ``/api/v1/`` alone."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def take_in_shapes(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add the shapes of answers to the document's components."""
    components = result.setdefault("components", {}).setdefault("schemas", {})
    components["Problem"] = _PROBLEM
    components.update(SHAPES)
    result["components"]["schemas"] = dict(sorted(components.items()))
    return result


def _single(words: list[str], schema: Schema) -> list[str]:
    """Path words, the last one marked where the path ends in one object."""
    ends_in_object = schema.path.rstrip("/").endswith("}")
    return [*words, "one"] if ends_in_object else words
