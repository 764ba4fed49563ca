"""A caller of the API, as an integrator's program is one: a key, JSON, a fresh idempotency key."""

from __future__ import annotations

from itertools import count
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

from loyalty.tenancy.keys import digest, hint, new_key
from loyalty.tenancy.models import ApiKey
from loyalty.tenancy.scope import in_programme
from tests.world import Shop

_KEYS = count(1)
EVERYTHING = ("*:*",)


def make_key(shop: Shop, *, scopes: tuple[str, ...] = EVERYTHING, **fields: Any) -> str:
    """A working key of the shop's merchant."""
    key = new_key()
    with in_programme(shop.programme):
        ApiKey.objects.create(
            merchant=shop.merchant,
            name="Till",
            digest=digest(key),
            hint=hint(key),
            scopes=list(scopes),
            **fields,
        )
    return key


class Api:
    """Calls below ``/api/v1/`` with one key. Answers are Django's responses with ``.data``."""

    def __init__(self, key: str, *, language: str = "en") -> None:
        self.key, self.language = key, language
        self.client = Client(raise_request_exception=True)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> HttpResponse:
        headers.setdefault("idempotency_key", key or f"api-{next(_KEYS)}")
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, *, match: str = "", **headers: str) -> HttpResponse:
        if match:
            headers["if_match"] = match
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.send("DELETE", path, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        raw = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        given = {"Accept-Language": self.language}
        if self.key:
            given["Authorization"] = f"Bearer {self.key}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        response: HttpResponse = self.client.generic(
            method,
            path if path.startswith("/") else f"/api/v1/{path}",
            data=raw,
            content_type="application/json",
            headers=given,
        )
        kind = response.headers.get("Content-Type", "")
        response.data = orjson.loads(response.content) if "json" in kind else None  # type: ignore[attr-defined]
        return response
