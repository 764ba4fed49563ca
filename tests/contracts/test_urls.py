"""Every address of the API with every kind of caller, from the addresses themselves.

A new folder's endpoints are tried without being asked: no key is 401, a key without the scope is
403, another programme's id is 404 with the very body the document shows, a POST without
Idempotency-Key is 400, and everything stands in the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.urls import get_resolver

from loyalty.common.public_ids import PublicIdField, new_id
from loyalty.outbox.relay import relay_due
from loyalty.outbox.webhooks import create_endpoint
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from loyalty.web.api import ApiView
from loyalty.web.api.scopes import endpoints, known_scopes
from tests.api import Api, make_key
from tests.world import Shop

_OURS = ("dashboard", "portal", "till")
METHODS = ("get", "post", "put", "patch", "delete")
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Endpoint:
    """One method of one address."""

    path: str
    view: type[ApiView]
    method: str

    def __str__(self) -> str:
        return f"{self.method.upper()} /{self.path}"

    @property
    def handler(self) -> Callable[..., Any]:
        return getattr(self.view, self.method)

    @property
    def arguments(self) -> list[str]:
        return _ARGUMENT.findall(self.path)

    def call(self, api: Api, ids: dict[str, str], **headers: str) -> Any:
        """The call as the document shows it, with these ids in the address."""
        path = "/" + _ARGUMENT.sub(lambda match: ids[match[1]], self.path)
        if self.method in ("patch", "put"):
            headers.setdefault("if_match", "*")
        if self.method == "post":
            headers.setdefault("idempotency_key", new_id("key"))
        body = getattr(self.handler, "example", None)
        return api.send(self.method.upper(), path, body, **headers)


def _endpoints() -> list[Endpoint]:
    return [
        Endpoint(path, view, method)
        for path, view in endpoints()
        for method in METHODS
        if hasattr(view, method)
    ]


ALL = _endpoints()
EACH = pytest.mark.parametrize("endpoint", ALL, ids=str)
OBJECTS = [one for one in ALL if one.arguments]


def _unknown(endpoint: Endpoint) -> dict[str, str]:
    return {name: _id_like(name) for name in endpoint.arguments}


def _id_like(argument: str) -> str:
    """An id of the right form that nobody has."""
    for model in apps.get_models():
        field = _public_id(model)
        if field and model.__name__.lower().endswith(argument):
            return new_id(field.prefix)
    return new_id("zzz")


def _foreign(argument: str, other: Shop) -> str:
    """A real id of the other programme, where its history has such a thing."""
    for model in apps.get_models():
        if _public_id(model) and model.__name__.lower().endswith(argument):
            with in_programme(other.programme):
                row = model._default_manager.filter(programme=other.programme).first()
            if row is not None:
                return str(row.public_id)
    return _id_like(argument)


def _public_id(model: type) -> PublicIdField | None:
    fields = {field.name: field for field in model._meta.get_fields()}  # type: ignore[attr-defined]
    found = fields.get("public_id")
    return found if isinstance(found, PublicIdField) and "programme" in fields else None


@pytest.fixture
def foreign_history(other_shop: Shop) -> Shop:
    """Cleo's shop with something of everything an address may name."""
    member = other_shop.member.public_id
    create_endpoint(other_shop.call(), url="https://cleo.example/hook")
    sale = SaleInput(total_minor=50_000)
    bought = record_purchase(other_shop.call(), member=member, sale=sale).purchase
    refund_purchase(other_shop.call(), purchase=bought, amount_minor=10_000)
    make_key(other_shop)
    while relay_due():
        pass
    return other_shop


def test_there_are_endpoints_to_try() -> None:
    assert len(ALL) > 30
    assert any(endpoint.arguments for endpoint in ALL)


@EACH
def test_every_endpoint_is_documented(endpoint: Endpoint) -> None:
    assert hasattr(endpoint.handler, "example"), "use @operation(…)"
    assert endpoint.view.permission_for(endpoint.method.upper()), "name the scope"
    assert endpoint.path.endswith("/"), "addresses end in a slash"


@EACH
def test_without_a_key_nobody_learns_anything(endpoint: Endpoint, db: None) -> None:
    response = endpoint.call(Api(""), _unknown(endpoint))
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")


@EACH
def test_a_key_without_the_scope_is_refused(endpoint: Endpoint, shop: Shop) -> None:
    wanted = endpoint.view.permission_for(endpoint.method.upper())
    others = tuple(scope for scope in known_scopes() if scope != wanted)
    response = endpoint.call(Api(make_key(shop, scopes=others)), _unknown(endpoint))
    assert response.status_code == 403
    assert response.data["code"] == "missing_permission"
    assert response.data["params"] == {"permission": wanted}


@pytest.mark.parametrize("endpoint", OBJECTS, ids=str)
def test_another_programmes_id_does_not_exist(
    endpoint: Endpoint, shop: Shop, foreign_history: Shop
) -> None:
    ids = {name: _foreign(name, foreign_history) for name in endpoint.arguments}
    response = endpoint.call(Api(make_key(shop)), ids)
    assert response.status_code == 404, (ids, response.data)
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("endpoint", [one for one in ALL if one.method == "post"], ids=str)
def test_every_post_needs_an_idempotency_key(endpoint: Endpoint, shop: Shop) -> None:
    api = Api(make_key(shop))
    path = "/" + _ARGUMENT.sub(lambda match: _id_like(match[1]), endpoint.path)
    response = api.send("POST", path, getattr(endpoint.handler, "example", None))
    assert response.status_code == 400
    assert response.data["code"] == "missing_idempotency_key"


@pytest.mark.parametrize(
    "endpoint", [one for one in ALL if one.method in ("patch", "put")], ids=str
)
def test_every_update_needs_the_version_read(
    endpoint: Endpoint, shop: Shop, foreign_history: Shop
) -> None:
    ids = _unknown(endpoint)
    response = endpoint.call(Api(make_key(shop)), ids, if_match="")
    assert response.status_code in (404, 428)


def test_no_two_apps_claim_one_address_or_one_name() -> None:
    """The later one would never be reached, and a name would lead to either."""
    addresses: dict[str, str] = {}
    names: dict[str, str] = {}
    twice = []
    for route, pattern, space in _leaves(get_resolver().url_patterns):
        owner = f"{pattern.callback.__module__}.{pattern.callback.__qualname__}"
        plain = re.sub(r"<[^>]*>", "<>", route)
        if addresses.setdefault(plain, owner) != owner:
            twice.append(f"{route}: {addresses[plain]} and {owner}")
        name = f"{space}:{pattern.name}"
        if pattern.name and names.setdefault(name, plain) != plain and space in _OURS:
            twice.append(f"{name}: {names[name]} and {plain}")
    assert not twice, "\n".join(twice)


def _leaves(patterns: Any, before: str = "", space: str = "") -> Iterator[tuple[str, Any, str]]:
    for one in patterns:
        route = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _leaves(one.url_patterns, route, one.namespace or space)
        else:
            yield route, one, space
