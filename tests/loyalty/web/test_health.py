"""What a load balancer and the person on call ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client

from loyalty.common.clock import now
from loyalty.outbox.relay import relay_due
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.web import health
from tests.world import Shop


def test_alive_needs_no_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_means_migrated_and_kept_up(client: Client, shop: Shop) -> None:
    assert client.get("/readyz").json()["checks"] == {
        "database": "ok",
        "migrations": "ok",
        "relay": "ok",
    }
    sale = SaleInput(total_minor=1_000)
    record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    with time_machine.travel(now() + timedelta(hours=1)):
        behind = client.get("/readyz")
        assert behind.status_code == 503
        assert behind.json()["checks"]["relay"] == "behind"
        assert behind.json()["relay_lag_seconds"] >= 3600
        while relay_due():
            pass
        assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_database_that_is_down_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**_kwargs: object) -> None:
        raise DatabaseError("no route to host 10.1.2.3")

    monkeypatch.setattr(health, "lag", down)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "down"
    assert b"10.1.2.3" not in response.content
