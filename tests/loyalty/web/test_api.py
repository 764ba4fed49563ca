"""The door for integrators: who may enter, what is refused and how, what a retry answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from loyalty.commands.models import Command
from loyalty.common.clock import now
from loyalty.tenancy.models import ApiKey
from loyalty.tenancy.scope import in_programme
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


def test_a_key_is_shown_once_and_can_be_rotated_and_revoked(api: Api, shop: Shop) -> None:
    body = {"name": "Quầy 2", "scopes": ["purchases:write"]}
    made = api.post("api-keys/", body, key="k1")
    assert made.status_code == 201, made.data
    secret = made.data["secret"]
    assert secret.startswith("than_live_") and made.data["hint"] == secret[:16]
    assert api.post("api-keys/", body, key="k1").data["secret"] == ""
    with in_programme(shop.programme):
        kept = str(list(ApiKey.objects.values())) + str(list(Command.objects.values()))
    assert secret not in kept
    assert Api(secret).get("purchases/").data["code"] == "missing_permission"
    sale = {"member": shop.member.public_id, "total_minor": 1000}
    assert Api(secret).post("purchases/", sale).status_code == 201
    turned = api.post(f"api-keys/{made.data['id']}/rotate/", {"overlap_hours": 1})
    assert turned.status_code == 201
    assert Api(secret).post("purchases/", sale).status_code == 201
    assert Api(turned.data["secret"]).post("purchases/", sale).status_code == 201
    with time_machine.travel(now() + timedelta(hours=2)):
        late = Api(secret).post("purchases/", sale)
        assert (late.status_code, late.data["code"]) == (401, "key_expired")
        assert late["WWW-Authenticate"].startswith("Bearer")
    assert api.delete(f"api-keys/{turned.data['id']}/").status_code == 204
    gone = Api(turned.data["secret"]).post("purchases/", sale)
    assert (gone.status_code, gone.data["code"]) == (401, "key_revoked")
