"""The door for integrators: who may enter, what is refused and how, what a retry answers."""

from __future__ import annotations

import pytest

from tests.api import Api, make_key
from tests.world import Shop


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(make_key(shop))


def test_a_sale_is_recorded(api: Api, shop: Shop) -> None:
    sale = {"member": shop.member.public_id, "total_minor": 125_000, "receipt": "R-1"}
    response = api.post("purchases/", sale, key="one")
    assert response.status_code == 201, response.data
    again = api.post("purchases/", sale, key='"one"')
    assert again.status_code == 201
    assert again.data == response.data
    assert again["Idempotency-Replayed"] == "true"
    other = api.post("purchases/", sale | {"total_minor": 1}, key="one")
    assert other.status_code == 409
    assert other.data["code"] == "idempotency_key_reused"
    read = api.get(f"purchases/{response.data['purchase']}/")
    assert read.data["total_minor"] == 125_000
    assert api.get("purchases/").data["data"][0]["id"] == response.data["purchase"]
