"""The document says what the API does: a machine tries to catch it lying, and people can read it."""

from __future__ import annotations

from collections import Counter

import pytest
import schemathesis
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from playwright.sync_api import Page
from pytest_django import Settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api import make_key
from tests.world import Shop

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture
def document(client: Client, db: None) -> dict:
    return client.get("/api/v1/schema/?format=json").json()


def test_the_document_is_complete(document: dict) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    post = document["paths"]["/api/v1/purchases/"]["post"]
    assert {"201", "400", "401", "403", "409", "422", "429"} <= set(post["responses"])
    headers = {one["name"]: one for one in post["parameters"] if one["in"] == "header"}
    assert headers["Idempotency-Key"]["required"] is True
    assert "application/problem+json" in post["responses"]["422"]["content"]
    assert {"RateLimit", "Idempotency-Replayed"} <= set(post["responses"]["201"]["headers"])
    assert "webhook-signature" in str(document["webhooks"]["event"])
    assert "secret" in document["components"]["schemas"]["ApiKeyMade"]["properties"]


def test_operations_have_names_of_their_own(document: dict) -> None:
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names))


@pytest.mark.django_db(transaction=True)
def test_the_machine_does_not_catch_it_lying(shop: Shop, settings: Settings) -> None:
    """Bounded: a few requests per operation, the same ones each time."""
    settings.API_REQUESTS_PER_MINUTE = 10**6
    cache.clear()
    key = make_key(shop)
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
    lies: list[str] = []
    seen: Counter[int] = Counter()
    for result in schema.get_all_operations():
        lies += _lies(result.ok(), key, shop, seen)
    assert not lies, "\n\n".join(lies)
    assert {200, 201, 400, 404} <= set(seen), seen
    assert 401 not in seen


def _lies(operation: object, key: str, shop: Shop, seen: Counter[int]) -> list[str]:
    found: list[str] = []

    @given(case=operation.as_strategy())  # type: ignore[attr-defined]
    @settings(
        max_examples=3,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attempt(case: schemathesis.Case) -> None:
        for name in case.path_parameters or {}:
            if name == "member":
                case.path_parameters[name] = shop.member.public_id
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        seen[response.status_code] += 1
        case.validate_response(response, checks=list(CHECKS))

    try:
        attempt()
    except Exception as error:  # every kind of failure is a lie to be listed
        found.append(f"{operation.label}: {error}"[:1500])  # type: ignore[attr-defined]
    return found


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_obeys_our_security_policy(live_server: object, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server}/api/v1/docs/")
    page.wait_for_selector(".opblock")
    page.locator(".opblock-summary").first.click()
    page.wait_for_selector(".opblock-body")
    assert complaints == []
