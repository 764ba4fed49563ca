"""What an address asks for is what the document names: everything else is refused by name.

Tried on every operation of the API, from the addresses themselves, so that a new folder's lists are
held to it unasked. A filter that is misspelt and ignored answers too much, and nobody notices.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from drf_spectacular.generators import SchemaGenerator

from loyalty.common.public_ids import new_id
from tests.api import Api, make_key
from tests.contracts.test_urls import _ARGUMENT, ALL, EACH, Endpoint, _unknown
from tests.world import Shop

PAGING = {"cursor", "limit"}
# Too long for text and ids, no word of any choice, no day, no number.
_BAD = "x" * 500 + "\n"
LISTS = [one for one in ALL if one.method == "get" and getattr(one.handler, "is_list", False)]


@cache
def _document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)["paths"]


def _documented(endpoint: Endpoint) -> set[str]:
    path = "/" + _ARGUMENT.sub(lambda match: "{" + match[1] + "}", endpoint.path)
    told = _document()[path][endpoint.method].get("parameters", [])
    return {one["name"] for one in told if one["in"] == "query"}


def _ask(endpoint: Endpoint, shop: Shop, **asked: str) -> Any:
    """The call as the document shows it, about things nobody has, with this in the address."""
    path = "/" + _ARGUMENT.sub(lambda match: _unknown(endpoint)[match[1]], endpoint.path)
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    body = getattr(endpoint.handler, "example", None)
    headers = {"if_match": "*", "idempotency_key": new_id("key")}
    return Api(make_key(shop)).send(endpoint.method.upper(), f"{path}?{query}", body, **headers)


def _named(answer: Any) -> list[str]:
    assert answer.status_code == 400, (answer.status_code, answer.data)
    assert answer["Content-Type"] == "application/problem+json"
    return [one["pointer"] for one in answer.data["errors"]]


def test_there_are_lists_to_try() -> None:
    assert len(LISTS) > 40
    assert sum(len(_documented(one) - PAGING) for one in LISTS) > 40


@EACH
def test_what_nobody_documents_is_refused_by_name(endpoint: Endpoint, shop: Shop) -> None:
    named = _named(_ask(endpoint, shop, not_a_filter="1", dry_run="true"))
    assert {"/not_a_filter", "/dry_run"} <= set(named)


@EACH
def test_the_document_names_what_is_asked(endpoint: Endpoint) -> None:
    said: Any = endpoint.handler  # what ``@operation`` wrote on it
    fields = set(said.query().fields)
    paging = PAGING if said.is_list else set()
    assert _documented(endpoint) == fields | paging


@pytest.mark.parametrize("endpoint", LISTS, ids=str)
def test_a_list_refuses_bad_values_of_what_it_knows(endpoint: Endpoint, shop: Shop) -> None:
    filters = sorted(_documented(endpoint) - PAGING)
    if filters:
        named = _named(_ask(endpoint, shop, **dict.fromkeys(filters, _BAD)))
        assert sorted(named) == [f"/{name}" for name in filters]
    for limit in ("0", "101", "-1", "1.5", "many", ""):
        assert _named(_ask(endpoint, shop, limit=limit)) == ["/limit"]
    assert _named(_ask(endpoint, shop, format="xml")) == ["/format"]
    if not endpoint.arguments:
        assert _named(_ask(endpoint, shop, cursor="zzz")) == ["/cursor"]
        assert _ask(endpoint, shop, limit="1", format="json").status_code == 200


def test_a_filter_given_twice_and_a_switch_that_is_none_are_refused(shop: Shop) -> None:
    api = Api(make_key(shop))
    twice = api.get("members/?state=active&state=blocked")
    assert (_named(twice), twice.data["errors"][0]["code"]) == (["/state"], "given_twice")
    assert _named(api.get("segments/?archived=zzz")) == ["/archived"]
    assert api.get("segments/?archived=true").status_code == 200
    misspelt = api.get("purchases/?memebr=mem_1")
    assert "member, receipt, since, until" in misspelt.data["errors"][0]["detail"]
