"""Webhooks over real HTTP to a receiver that verifies them as any integrator would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from pytest_django import Settings
from standardwebhooks.webhooks import WebhookVerificationError

from loyalty.common.clock import now
from loyalty.outbox.delivery import deliver_due
from loyalty.outbox.models import WebhookDelivery, WebhookEndpoint
from loyalty.outbox.relay import relay_due
from loyalty.outbox.webhooks import create_endpoint
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.loyalty.outbox.receiver import Receiver, receiving
from tests.world import Shop


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiving() as one:
        yield one


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(make_key(shop))


def _endpoint(api: Api, receiver: Receiver, *event_types: str) -> dict:
    made = api.post("webhooks/", {"url": receiver.url, "event_types": list(event_types)})
    assert made.status_code == 201, made.data
    return made.data


def _sell(api: Api, shop: Shop) -> dict:
    sold = api.post("purchases/", {"member": shop.member.public_id, "total_minor": 125_000})
    assert sold.status_code == 201, sold.data
    return sold.data


def _work() -> None:
    while relay_due() or deliver_due():
        pass


def _deliveries(api: Api, endpoint: str) -> list[dict]:
    return api.get(f"webhooks/{endpoint}/deliveries/").data["data"]


def test_a_sale_is_heard_signed_and_once(shop: Shop, api: Api, receiver: Receiver) -> None:
    hook = _endpoint(api, receiver, "purchase.recorded")
    sold = _sell(api, shop)
    _work()
    _work()
    (got,) = receiver.received
    told = got.verified(hook["secret"])
    assert told["type"] == "purchase.recorded"
    assert told["data"]["purchase"] == sold["purchase"]
    headers = {name.lower(): value for name, value in got.headers.items()}
    assert headers["webhook-id"] == told["id"]
    assert api.get(f"events/{told['id']}/").data["type"] == "purchase.recorded"
    (delivery,) = _deliveries(api, hook["id"])
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)
    assert delivery["log"][0]["status"] == 204


def test_an_endpoint_hears_only_its_types_and_its_programme(
    shop: Shop, other_shop: Shop, api: Api, receiver: Receiver
) -> None:
    _endpoint(api, receiver, "refund.*")
    theirs = Api(make_key(other_shop))
    hook = _endpoint(theirs, receiver)
    _sell(api, shop)
    sold = _sell(theirs, other_shop)
    _work()
    heard = [one.verified(hook["secret"]) for one in receiver.received]
    assert {one["data"].get("purchase", sold["purchase"]) for one in heard} == {sold["purchase"]}


def test_failures_are_retried_on_schedule_and_every_attempt_is_kept(
    shop: Shop, api: Api, receiver: Receiver
) -> None:
    receiver.statuses = [500, 302, 200]
    receiver.headers = {"Location": "/elsewhere"}
    hook = _endpoint(api, receiver, "purchase.recorded")
    _sell(api, shop)
    _work()
    assert len(receiver.received) == 1
    with time_machine.travel(now() + timedelta(seconds=10)):
        _work()
    with time_machine.travel(now() + timedelta(minutes=10)):
        _work()
    assert [one.path for one in receiver.received] == ["/hook"] * 3, "redirects are not followed"
    (delivery,) = _deliveries(api, hook["id"])
    assert [one["status"] for one in delivery["log"]] == [500, 302, 200]
    assert delivery["log"][0]["excerpt"] == "hello"
    assert delivery["state"] == "delivered"
    ids = {one.headers["Webhook-Id"] if "Webhook-Id" in one.headers else one.headers["webhook-id"]
           for one in receiver.received}  # fmt: skip
    assert len(ids) == 1, "a retry has the same id"


def test_retry_after_is_obeyed(shop: Shop, api: Api, receiver: Receiver) -> None:
    receiver.statuses, receiver.headers = [429, 204], {"Retry-After": "3600"}
    _endpoint(api, receiver, "purchase.recorded")
    _sell(api, shop)
    _work()
    with time_machine.travel(now() + timedelta(minutes=59)):
        _work()
        assert len(receiver.received) == 1
    with time_machine.travel(now() + timedelta(minutes=61)):
        _work()
    assert len(receiver.received) == 2


def test_gone_switches_the_endpoint_off_and_the_owner_hears(
    shop: Shop, api: Api, receiver: Receiver
) -> None:
    receiver.statuses = [410]
    hook = _endpoint(api, receiver, "purchase.recorded")
    _sell(api, shop)
    _work()
    seen = api.get(f"webhooks/{hook['id']}/").data
    assert (seen["is_active"], seen["disabled_reason"]) == (False, "gone")
    assert [one.to for one in mail.outbox] == [["ben@example.com"]]
    assert receiver.url in mail.outbox[0].subject
    (delivery,) = _deliveries(api, hook["id"])
    refused = api.post(f"webhook-deliveries/{delivery['id']}/replay/")
    assert (refused.status_code, refused.data["code"]) == (422, "endpoint_disabled")


def test_an_endpoint_that_fails_for_days_is_switched_off(
    shop: Shop, api: Api, receiver: Receiver
) -> None:
    receiver.statuses = [503]
    hook = _endpoint(api, receiver, "purchase.recorded")
    _sell(api, shop)
    _work()
    with time_machine.travel(now() + timedelta(days=6)):
        _work()
    assert api.get(f"webhooks/{hook['id']}/").data["disabled_reason"] == "failing"


def test_after_an_outage_what_was_missed_is_replayed(
    shop: Shop, api: Api, receiver: Receiver
) -> None:
    began = now() - timedelta(minutes=1)
    receiver.statuses = [500]
    hook = _endpoint(api, receiver, "purchase.recorded")
    _sell(api, shop)
    _work()
    (delivery,) = _deliveries(api, hook["id"])
    with in_programme(shop.programme):
        WebhookDelivery.objects.update(state="given_up", due_at=None, attempts=10)
    receiver.statuses = [204]
    _work()
    assert len(receiver.received) == 1
    done = api.post(f"webhooks/{hook['id']}/replay/", {"since": began.isoformat()})
    assert (done.status_code, done.data) == (202, {"queued": 1})
    _work()
    again = api.post(f"webhook-deliveries/{delivery['id']}/replay/")
    assert again.status_code == 202
    _work()
    assert len(receiver.received) == 3
    assert len({one.body for one in receiver.received}) == 1


def test_rotating_the_secret_signs_with_both_for_a_while(
    shop: Shop, api: Api, receiver: Receiver
) -> None:
    hook = _endpoint(api, receiver, "purchase.recorded")
    turned = api.post(f"webhooks/{hook['id']}/rotate-secret/", {"overlap_hours": 1})
    assert turned.data["secret"] != hook["secret"]
    with in_programme(shop.programme):
        kept = WebhookEndpoint.objects.get()
        assert hook["secret"] not in f"{kept.secret} {kept.old_secret}", "sealed at rest"
    _sell(api, shop)
    _work()
    receiver.received[0].verified(hook["secret"])
    receiver.received[0].verified(turned.data["secret"])
    with in_programme(shop.programme):
        WebhookEndpoint.objects.update(old_secret_until=now())
    _sell(api, shop)
    _work()
    receiver.received[1].verified(turned.data["secret"])
    with pytest.raises(WebhookVerificationError):
        receiver.received[1].verified(hook["secret"])


def test_a_test_event_goes_to_one_endpoint_alone(shop: Shop, api: Api, receiver: Receiver) -> None:
    hook, _other = _endpoint(api, receiver, "points.*"), _endpoint(api, receiver)
    assert api.post(f"webhooks/{hook['id']}/test/").status_code == 202
    _work()
    (got,) = receiver.received
    assert got.verified(hook["secret"])["type"] == "webhook.test"


def test_private_addresses_are_refused_unless_the_shop_allows_them(
    shop: Shop, api: Api, receiver: Receiver, settings: Settings
) -> None:
    hook = _endpoint(api, receiver, "purchase.recorded")
    settings.WEBHOOK_ALLOW_PRIVATE = False
    _sell(api, shop)
    _work()
    assert receiver.received == []
    (delivery,) = _deliveries(api, hook["id"])
    assert delivery["log"][0]["error"].startswith("refused")
    made = api.post("webhooks/", {"url": "https://10.0.0.1/"})
    assert (made.status_code, made.data["code"]) == (400, "private_address")
    assert made.data["errors"][0]["pointer"] == "/url"


def test_changing_an_endpoint_needs_the_version_read(
    shop: Shop, api: Api, receiver: Receiver
) -> None:
    hook = _endpoint(api, receiver)
    path = f"webhooks/{hook['id']}/"
    tag = api.get(path)["ETag"]
    assert api.patch(path, {"is_active": False}).status_code == 428
    changed = api.patch(path, {"is_active": False}, match=tag)
    assert changed.status_code == 200
    assert changed.data["is_active"] is False
    late = api.patch(path, {"is_active": True}, match=tag)
    assert (late.status_code, late.data["code"]) == (412, "changed_meanwhile")
    assert api.get(path, if_none_match=changed["ETag"]).status_code == 304


def test_another_merchants_endpoint_does_not_exist(
    shop: Shop, other_shop: Shop, receiver: Receiver
) -> None:
    call = shop.call()
    made = create_endpoint(call, url=receiver.url)
    theirs = Api(make_key(other_shop))
    assert theirs.get(f"webhooks/{made.id}/").status_code == 404
    assert theirs.post(f"webhooks/{made.id}/test/").status_code == 404
    assert theirs.delete(f"webhooks/{made.id}/").status_code == 404


def test_under_another_secret_key_deliveries_wait_until_the_secret_is_made_anew(
    shop: Shop, other_shop: Shop, api: Api, receiver: Receiver, settings: Settings
) -> None:
    hook = _endpoint(api, receiver, "purchase.recorded")
    settings.SECRET_KEY = "another secret key of this server, long enough to be taken 0123456789"
    # A shop whose endpoint was made under the new key does not wait for the one that cannot be read.
    other = Api(make_key(other_shop))
    _endpoint(other, receiver, "purchase.recorded")
    _sell(api, shop)
    _sell(other, other_shop)
    _work()
    assert len(receiver.received) == 1
    (waiting,) = _deliveries(api, hook["id"])
    assert (waiting["state"], waiting["attempts"]) == ("waiting", 0)
    assert api.get(f"webhooks/{hook['id']}/").data["is_unreadable"] is True
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    assert "Webhooks that send nothing" in client.get("/dashboard/cafe/").content.decode()
    page = client.get(f"/dashboard/cafe/webhooks/{hook['id']}/").content.decode()
    assert "DJANGO_SECRET_KEY_FALLBACKS" in page
    fresh = api.post(f"webhooks/{hook['id']}/rotate-secret/", {}).data
    with time_machine.travel(now() + timedelta(minutes=10)):
        _work()
        receiver.received[-1].verified(fresh["secret"])
    assert [one["state"] for one in _deliveries(api, hook["id"])] == ["delivered"]
