"""The door for integrators: who may enter, what is refused and how, what a retry answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from loyalty.commands.models import Command
from loyalty.common.clock import now
from loyalty.tenancy.models import ApiKey
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import Shop


@pytest.fixture(autouse=True)
def _fresh_quotas() -> None:
    cache.clear()


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


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b'{"member": "\xff"}', 400, "bad_utf8"),
        (b"{", 400, "bad_json"),
        (b'{"total_minor": NaN}', 400, "bad_json"),
        (b'{"total_minor": Infinity}', 400, "bad_json"),
        (b'{"total_minor": 1, "total_minor": 2}', 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b'{"total_minor": ' + b"9" * 5_000 + b"}", 400, "bad_json"),
        (b"[]", 400, "not_an_object"),
        (b'"text"', 400, "not_an_object"),
        (b"null", 400, "member_or_identifier"),
        (b"", 400, "member_or_identifier"),
        (b'{"receipt": "\\ud800"}', 400, "control_character"),
        (b'{"\\ud800": 1}', 400, "unknown_field"),
        (b'\xef\xbb\xbf{"wrong": 1}', 400, "unknown_field"),
        (b'{"receipt": "' + b"x" * (11 * 1024 * 1024) + b'"}', 413, "body_too_large"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else None,
)
def test_bodies_that_are_no_json_are_answered_clearly(
    api: Api, raw: bytes, status: int, code: str
) -> None:
    response = api.post("purchases/", raw)
    assert (response.status_code, response.data["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert set(response.data) >= {"type", "title", "status", "detail", "code"}
    assert response.data["type"].endswith(f"/api/v1/docs/#{code}")


@pytest.mark.parametrize("key", ["", " ", "é", "a\tb", "x" * 256, '"', '"unclosed'])
def test_bad_idempotency_keys_are_refused(api: Api, shop: Shop, key: str) -> None:
    sale = {"member": shop.member.public_id, "total_minor": 1}
    response = api.post("purchases/", sale, idempotency_key=key)
    assert response.status_code == 400 or key in ('"', '"unclosed')


def test_long_keys_work_and_stay_apart(api: Api, shop: Shop) -> None:
    sale = {"member": shop.member.public_id, "total_minor": 1_000}
    one, other = "k" * 255, "k" * 254 + "j"
    first = api.post("purchases/", sale, key=one).data["purchase"]
    assert api.post("purchases/", sale, key=other).data["purchase"] != first
    assert api.post("purchases/", sale, key=one).data["purchase"] == first


def test_two_programmes_may_use_the_same_key(api: Api, shop: Shop, other_shop: Shop) -> None:
    theirs = Api(make_key(other_shop))
    mine = api.post("purchases/", {"member": shop.member.public_id, "total_minor": 5}, key="1")
    other = theirs.post(
        "purchases/", {"member": other_shop.member.public_id, "total_minor": 7}, key="1"
    )
    assert (mine.status_code, other.status_code) == (201, 201)


def test_refusals_speak_the_callers_language(shop: Shop) -> None:
    key = make_key(shop)
    english = Api(key, language="en").get("purchases/pur_x/")
    vietnamese = Api(key, language="vi").get("purchases/pur_x/")
    assert english.data["code"] == vietnamese.data["code"] == "purchase_not_found"
    assert (english["Content-Language"], vietnamese["Content-Language"]) == ("en", "vi")
    silent = Client().get("/api/v1/purchases/pur_x/", headers={"Authorization": f"Bearer {key}"})
    assert silent["Content-Language"] == shop.programme.language == "vi"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "missing_key"),
        ("Basic dXNlcjpwYXNz", "bad_authorization"),
        ("Bearer", "bad_authorization"),
        ("Bearer a b", "bad_authorization"),
        ("Bearer than_live_" + "x" * 43, "unknown_key"),
        ("Bearer ' OR 1=1", "bad_authorization"),
        ("Bearer \x00", "unknown_key"),
    ],
)
def test_wrong_keys_open_nothing(db: None, header: str, code: str) -> None:
    response = Client().get(
        "/api/v1/purchases/", headers={"Authorization": header} if header else {}
    )
    assert (response.status_code, response.json()["code"]) == (401, code)
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_guessing_keys_is_slowed_down(db: None, settings: Settings) -> None:
    settings.API_WRONG_KEYS_PER_MINUTE = 3
    guess = Api("than_live_" + "y" * 43)
    statuses = [guess.get("purchases/").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]


def test_the_quota_is_told_and_kept(api: Api, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    answers = [api.get("programme/") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"key";q=3;w=60'
    assert answers[0]["RateLimit"].startswith('"key";r=2;t=')
    assert answers[3].data["code"] == "throttled"
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert answers[3]["RateLimit"].startswith('"key";r=0;t=')


def test_addresses_work_without_their_last_slash(api: Api, shop: Shop) -> None:
    sale = {"member": shop.member.public_id, "total_minor": 1_000}
    assert api.post("purchases", sale).status_code == 201
    assert api.get("nothing/here").data["code"] == "no_such_address"
    assert api.send("PUT", "purchases/", {}).data["code"] == "method_not_allowed"
    assert api.send("PUT", "purchases/", {}).status_code == 405


def test_only_json_is_spoken(api: Api) -> None:
    response = api.client.post(
        "/api/v1/purchases/",
        {"member": "x"},
        headers={"Authorization": f"Bearer {api.key}", "Idempotency-Key": "1"},
    )
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert api.get("purchases/", accept="text/html").status_code == 406


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("purchases/?limit=0", "bad_limit"),
        ("purchases/?limit=101", "bad_limit"),
        ("purchases/?limit=ten", "bad_limit"),
        ("purchases/?cursor=abc", "bad_cursor"),
        ("purchases/?memebr=x", "unknown_field"),
        ("purchases/?receipt=a&receipt=b", "given_twice"),
        ("purchases/?receipt=%00", "control_character"),
        ("purchases/?since=now", "invalid"),
    ],
)
def test_bad_queries_are_named(api: Api, path: str, code: str) -> None:
    response = api.get(path)
    assert (response.status_code, response.data["code"]) == (400, code)


def test_a_cursor_opens_only_its_own_list(api: Api, shop: Shop, other_shop: Shop) -> None:
    for number in range(3):
        sale = {"member": shop.member.public_id, "total_minor": 1_000 + number}
        assert api.post("purchases/", sale).status_code == 201
    cursor = api.get("purchases/?limit=1").data["next_cursor"]
    assert api.get(f"purchases/?limit=1&cursor={cursor}").status_code == 200
    assert api.get(f"events/?cursor={cursor}").data["code"] == "bad_cursor"
    theirs = Api(make_key(other_shop))
    assert theirs.get(f"purchases/?cursor={cursor}").data["code"] == "bad_cursor"
    assert api.get(f"purchases/?cursor={cursor[:-3]}abc").data["code"] == "bad_cursor"


def test_scopes_beyond_ones_own_cannot_be_granted(shop: Shop) -> None:
    modest = Api(make_key(shop, scopes=("keys:write", "purchases:read")))
    body = {"name": "more", "scopes": ["purchases:write"]}
    refused = modest.post("api-keys/", body)
    assert (refused.status_code, refused.data["code"]) == (403, "scope_beyond_yours")
    typo = modest.post("api-keys/", {"name": "x", "scopes": ["purchase:read"]})
    assert (typo.status_code, typo.data["errors"][0]["pointer"]) == (400, "/scopes/0")
    late = {"name": "x", "scopes": ["purchases:read"], "expires_at": "2001-01-01T00:00:00Z"}
    assert modest.post("api-keys/", late).data["code"] == "in_the_past"


def test_a_key_of_a_closed_business_opens_nothing(api: Api, shop: Shop) -> None:
    with in_programme(shop.programme):
        shop.merchant.is_active = False
        shop.merchant.save()
    assert api.get("programme/").data["code"] == "key_inactive"


def test_keys_are_not_written_to_the_log(
    api: Api, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    api.post("purchases/", {"member": shop.member.public_id, "total_minor": 1_000})
    api.get("purchases/unknown/")
    assert api.key not in caplog.text
    assert "request" in caplog.text


def test_the_document_and_its_page_are_served_to_everyone(db: None, client: Client) -> None:
    document = client.get("/api/v1/schema/?format=json").json()
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    post = document["paths"]["/api/v1/purchases/"]["post"]
    assert {"201", "400", "401", "403", "409", "422", "429"} <= set(post["responses"])
    headers = {one["name"]: one for one in post["parameters"] if one["in"] == "header"}
    assert headers["Idempotency-Key"]["required"] is True
    assert "application/problem+json" in post["responses"]["422"]["content"]
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"//cdn" not in page.content
