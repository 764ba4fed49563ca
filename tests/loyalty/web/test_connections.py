"""Owners connect their own systems: keys and endpoints, whose secrets are shown one time."""

from __future__ import annotations

import json
import re
from html import unescape

from django.test import Client

from loyalty.outbox.models import Event, WebhookEndpoint
from loyalty.tenancy.models import ApiKey
from loyalty.tenancy.scope import in_programme
from tests.world import Shop


def test_a_key_is_shown_once_and_revoked(shop: Shop, other_shop: Shop, client: Client) -> None:
    client.force_login(shop.staff.user)
    sent = {"name": "Till", "preset": "till", "idempotency_key": "k"}
    page = client.post("/dashboard/cafe/api-keys/", sent).content.decode()
    secret = re.search(r"than_live_\w{43}", page)
    assert secret
    again = client.post("/dashboard/cafe/api-keys/", sent).content.decode()
    assert secret[0] not in again
    with in_programme(shop.programme):
        key = ApiKey.objects.get()
    headers = {"Authorization": f"Bearer {secret[0]}"}
    assert Client().get("/api/v1/members/", headers=headers).status_code == 200
    cleo = Client()
    cleo.force_login(other_shop.staff.user)
    revoke = f"/api-keys/{key.public_id}/revoke/"
    assert cleo.post(f"/dashboard/other{revoke}", {"idempotency_key": "x"}).status_code == 404
    client.post(f"/dashboard/cafe{revoke}", {"idempotency_key": "r"})
    assert Client().get("/api/v1/members/", headers=headers).status_code == 401


def test_an_endpoint_is_added_tested_and_removed(shop: Shop, client: Client) -> None:
    client.force_login(shop.staff.user)
    base = "/dashboard/cafe/webhooks/"
    bad = client.post(base, {"url": "http://127.0.0.1/x", "idempotency_key": "b"})
    assert bad.status_code == 422
    made = client.post(
        base, {"url": "https://example.com/hook", "event_types": "points.*", "idempotency_key": "w"}
    )
    assert "whsec_" in made.content.decode()
    with in_programme(shop.programme):
        endpoint = WebhookEndpoint.objects.get()
    for what in ("test", "off", "on", "replay", "rotate"):
        answer = client.post(
            f"{base}{endpoint.public_id}/do/", {"do": what, "idempotency_key": what}
        )
        assert answer.status_code in (200, 302), what
    assert "webhook.test" in client.get(f"{base}{endpoint.public_id}/").content.decode()
    events = client.get("/dashboard/cafe/webhook-events/?q=webhook").content.decode()
    told = unescape(events.split("<pre")[1].split(">", 1)[1].split("</pre>")[0])
    with in_programme(shop.programme):
        assert json.loads(told) == Event.objects.filter(type="webhook.test").latest("pk").data
    client.post(f"{base}{endpoint.public_id}/do/", {"do": "remove", "idempotency_key": "rm"})
    with in_programme(shop.programme):
        assert not WebhookEndpoint.objects.exists()
