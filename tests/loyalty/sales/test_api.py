"""Sales over the API: what a till or web shop sends, and everything it may send wrongly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loyalty.common.clock import now
from loyalty.sales.models import Purchase
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import Shop


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(make_key(shop))


@pytest.fixture
def ana(shop: Shop) -> str:
    return shop.member.public_id


def _count(shop: Shop) -> int:
    with in_programme(shop.programme):
        return Purchase.objects.count()


def test_a_basket_comes_back_as_it_was_sold(api: Api, ana: str) -> None:
    basket = {
        "member": ana,
        "receipt": "HD-1",
        "discount_minor": 10_000,
        "happened_at": "2026-01-05T09:00:00+07:00",
        "lines": [
            {"sku": "CF", "name": "Cà phê sữa đá", "quantity": "2", "net_minor": 58_000},
            {"sku": "HAT", "name": "Hạt rang", "quantity": 0.75, "net_minor": 90_000},
            {"name": "Giao hàng", "kind": "shipping", "net_minor": 15_000},
        ],
    }
    sold = api.post("purchases/", basket)
    assert sold.status_code == 201, sold.data
    seen = api.get(f"purchases/{sold.data['purchase']}/").data
    assert [line["quantity_milli"] for line in seen["lines"]] == [2000, 750, 1000]
    assert seen["total_minor"] == 58_000 + 90_000 + 15_000 - 10_000
    assert seen["happened_at"] == "2026-01-05T02:00:00Z"
    assert api.get("purchases/?receipt=HD-1").data["data"][0]["id"] == seen["id"]
    assert api.get("purchases/?since=2026-01-06T00:00:00Z").data["data"] == []


def test_a_quote_answers_like_the_sale_and_keeps_nothing(api: Api, shop: Shop, ana: str) -> None:
    quoted = api.post("quotes/", {"member": ana, "total_minor": 125_000})
    assert quoted.status_code == 200
    assert quoted.data["to_pay_minor"] == 125_000
    assert _count(shop) == 0


def test_the_same_receipt_twice(api: Api, shop: Shop, ana: str) -> None:
    sale = {"member": ana, "total_minor": 125_000, "receipt": "R-7"}
    first = api.post("purchases/", sale)
    again = api.post("purchases/", sale)
    assert (again.status_code, again.data["duplicate"]) == (201, True)
    assert again.data["purchase"] == first.data["purchase"]
    other = api.post("purchases/", sale | {"total_minor": 99_000})
    assert (other.status_code, other.data["code"]) == (409, "receipt_already_recorded")
    assert other.data["params"] == {"purchase": first.data["purchase"]}
    assert _count(shop) == 1


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"total_minor": -1}, "/total_minor", "out_of_range"),
        ({"total_minor": 0}, "/total_minor", "out_of_range"),
        ({"total_minor": 10**15}, "/total_minor", "out_of_range"),
        ({"total_minor": 2**63}, "/total_minor", "out_of_range"),
        ({"total_minor": 2**63 - 1}, "/total_minor", "out_of_range"),
        ({"total_minor": 1.0}, "/total_minor", "not_an_integer"),
        ({"total_minor": "125000"}, "/total_minor", "not_an_integer"),
        ({"total_minor": True}, "/total_minor", "not_an_integer"),
        ({"total_minor": None}, "/total_minor", "null"),
        ({"currency": "USD"}, "/currency", "wrong_currency"),
        ({"currency": "XXQ"}, "/currency", "unknown_currency"),
        ({"happened_at": "2026-01-05T09:00:00"}, "/happened_at", "no_time_zone"),
        ({"happened_at": "yesterday"}, "/happened_at", "invalid"),
        ({"happened_at": "1970-01-01T00:00:00Z"}, "/happened_at", "too_long_ago"),
        ({"receipt": "x" * 81}, "/receipt", "max_length"),
        ({"receipt": "a\x00b"}, "/receipt", "control_character"),
        ({"reciept": "R-1"}, "/reciept", "unknown_field"),
        ({"points": 1_000_000}, "/points", "unknown_field"),
        ({"use": [1]}, "/use", "not_an_object"),
        ({"use": {"points": 1.5}}, "/use/points", "not_an_integer"),
        ({"lines": {}}, "/lines", "not_a_list"),
    ],
)
def test_what_cannot_be_a_sale_is_named(
    api: Api, shop: Shop, ana: str, change: dict, pointer: str, code: str
) -> None:
    response = api.post("purchases/", {"member": ana, "total_minor": 125_000} | change)
    assert response.status_code == 400, response.data
    assert {"pointer": pointer, "code": code} in [
        {"pointer": one["pointer"], "code": one["code"]} for one in response.data["errors"]
    ], response.data
    assert _count(shop) == 0


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ({"quantity": 0}, "quantity", "out_of_range"),
        ({"quantity": -1}, "quantity", "out_of_range"),
        ({"quantity": "-1"}, "quantity", "not_a_number"),
        ({"quantity": 0.0005}, "quantity", "too_many_decimals"),
        ({"quantity": "1.2345"}, "quantity", "too_many_decimals"),
        ({"quantity": 10**400}, "quantity", "out_of_range"),
        ({"quantity": "NaN"}, "quantity", "not_a_number"),
        ({"quantity": "1e3"}, "quantity", "not_a_number"),
        ({"quantity": "٣"}, "quantity", "not_a_number"),
        ({"quantity": True}, "quantity", "not_a_number"),
        ({"net_minor": "1"}, "net_minor", "not_an_integer"),
        ({"kind": "gift"}, "kind", "invalid_choice"),
    ],
)
def test_a_line_at_fault_is_named_by_its_place(
    api: Api, ana: str, line: dict, field: str, code: str
) -> None:
    lines = [{"net_minor": 10_000}, {"net_minor": 10_000} | line]
    body = {"member": ana, "lines": lines}
    raw = None
    if line.get("quantity") == 10**400:  # no JSON writer of ours makes such a number
        lines[1]["quantity"] = 1
        raw = str(body).replace("'", '"').replace('"quantity": 1}', f'"quantity": {10**400}}}')
    response = api.post("purchases/", raw.encode() if raw else body)
    assert response.status_code == 400, response.data
    (error,) = response.data["errors"]
    assert (error["pointer"], error["code"]) == (f"/lines/1/{field}", code)


@pytest.mark.parametrize(
    "text",
    [
        "🧋" * 80,
        "'; DROP TABLE purchases;--",
        "<script>alert(1)</script>",
        "=1+1",
        "Trà đá Đắk Lắk",
    ],
)
def test_any_text_is_only_text(api: Api, ana: str, text: str) -> None:
    sale = {"member": ana, "receipt": text, "lines": [{"name": text, "net_minor": 5_000}]}
    sold = api.post("purchases/", sale)
    assert sold.status_code == 201, sold.data
    seen = api.get(f"purchases/{sold.data['purchase']}/").data
    assert (seen["receipt"], seen["lines"][0]["name"]) == (text, text)


def test_the_till_may_run_minutes_ahead_but_not_a_day(api: Api, ana: str) -> None:
    sale = {"member": ana, "total_minor": 1_000}
    soon = now() + timedelta(minutes=2)
    assert api.post("purchases/", sale | {"happened_at": soon.isoformat()}).status_code == 201
    tomorrow = now() + timedelta(days=1)
    late = api.post("purchases/", sale | {"happened_at": tomorrow.isoformat()})
    assert (late.status_code, late.data["code"]) == (400, "in_the_future")


def test_another_programmes_member_and_location_do_not_exist(
    api: Api, other_shop: Shop, ana: str
) -> None:
    theirs = other_shop.member.public_id
    assert api.post("purchases/", {"member": theirs, "total_minor": 1}).status_code == 404
    place = other_shop.location.public_id
    sale = {"member": ana, "total_minor": 1_000, "location": place}
    response = api.post("purchases/", sale)
    assert (response.status_code, response.data["code"]) == (404, "location_not_found")
    for member in ("mem_unknown", "x", "'; --"):
        assert api.post("purchases/", {"member": member, "total_minor": 1}).status_code == 404


def test_refunds_by_line_by_amount_and_no_further(api: Api, ana: str) -> None:
    lines = [{"net_minor": 60_000, "quantity": 3}, {"net_minor": 40_000}]
    bought = api.post("purchases/", {"member": ana, "lines": lines}).data["purchase"]
    path = f"purchases/{bought}/refunds/"
    one = api.post(path, {"lines": [{"number": 1, "quantity": 1}]})
    assert (one.status_code, one.data["amount_minor"]) == (201, 20_000)
    much = api.post(path, {"amount_minor": 80_001})
    assert (much.status_code, much.data["code"]) == (422, "refund_exceeds_purchase")
    rest = api.post(path, {}, key="rest")
    assert rest.data["amount_minor"] == 80_000
    assert api.post(path, {}, key="rest")["Idempotency-Replayed"] == "true"
    again = api.post(path, {}).data
    assert again["code"] == "already_refunded"
    assert again["errors"][0]["pointer"] == "/purchase"
    of_refund = api.post(f"purchases/{rest.data['refund']}/refunds/", {})
    assert (of_refund.status_code, of_refund.data["code"]) == (404, "refund_of_refund")
    seen = api.get(path).data["data"]
    assert [one["amount_minor"] for one in seen] == [80_000, 20_000]
    assert api.get(f"refunds/{rest.data['refund']}/").data["purchase"] == bought
    assert len(api.get(f"refunds/?member={ana}").data["data"]) == 2


def test_a_batch_goes_through_item_by_item(api: Api, shop: Shop, ana: str) -> None:
    items = [
        {"member": ana, "total_minor": 10_000, "receipt": "B-1"},
        {"member": ana, "total_minor": "10000"},
        {"member": "mem_nobody", "total_minor": 10_000},
        "not a sale",
        {"member": ana, "total_minor": 20_000},
        {"member": ana, "total_minor": 10_000, "receipt": "B-1"},
    ]
    first = api.post("purchases/batch/", {"purchases": items}, key="night")
    assert first.status_code == 200, first.data
    assert [one["outcome"] for one in first.data["data"]] == [
        "recorded",
        "refused",
        "refused",
        "refused",
        "recorded",
        "duplicate",
    ]
    assert first.data["data"][1]["problem"]["errors"][0]["pointer"] == "/purchases/1/total_minor"
    assert first.data["data"][2]["problem"]["status"] == 404
    assert first.data["data"][5]["replayed"] is True
    assert _count(shop) == 2
    assert "Idempotency-Replayed" not in first
    again = api.post("purchases/batch/", {"purchases": items}, key="night")
    assert again["Idempotency-Replayed"] == "true"
    assert [one["replayed"] for one in again.data["data"]] == [
        True,
        False,
        False,
        False,
        True,
        True,
    ]
    assert _count(shop) == 2
    for other in (items[:1], [*items, {"member": ana, "total_minor": 30_000}]):
        refused = api.post("purchases/batch/", {"purchases": other}, key="night")
        assert (refused.status_code, refused.data["code"]) == (409, "idempotency_key_reused")
    mended = [{"member": ana, "total_minor": 10_000}]
    assert api.post("purchases/batch/", {"purchases": mended}).data["recorded"] == 1
    assert _count(shop) == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"purchases": []}, "min_length"),
        ({"purchases": [{}] * 1_001}, "max_length"),
        ({"purchases": {}}, "not_a_list"),
        ({}, "required"),
        ([], "not_an_object"),
        ({"purchases": [{}], "mode": "fast"}, "unknown_field"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(api: Api, body: object, code: str) -> None:
    response = api.post("purchases/batch/", body)
    assert (response.status_code, response.data["code"]) == (400, code)
