"""Programs from outside: versions, keys, strangers, fields at fault, lists that do not grow in queries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.common.clock import now
from loyalty.payments.services import refund_charge
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tests.api import Api, make_key
from tests.tiers.subscriptions.subs_of import begin, night, now_of, offer, on, pay, run_of, settle
from tests.world import Shop


def basket(shop: Shop, **more: Any) -> dict[str, Any]:
    return {
        "member": shop.member.public_id,
        "offer": "beans",
        "items": [{"sku": "BEANS", "quantity": 1}],
        "every": 1,
        "unit": "month",
        "way": "collect",
        **more,
    }


def test_versions_and_keys(shop: Shop) -> None:
    offer(shop)
    api = Api(make_key(shop))
    made = [api.post("subscriptions/", basket(shop), key="once") for _twice in range(2)]
    assert made[0].data["id"] == made[1].data["id"]
    assert made[1]["Idempotency-Replayed"] == "true"
    address = f"subscriptions/{made[0].data['id']}/"
    read = api.get(address)
    item = f"{address}items/BEANS/"
    assert api.patch(item, {"quantity": 2}).status_code == 428
    done = api.patch(item, {"quantity": 2}, match=read["ETag"])
    assert (done.status_code, done.data["items"][0]["quantity"]) == (200, 2)
    stale = api.patch(item, {"quantity": 3}, match=read["ETag"])
    assert (stale.status_code, stale.data["code"]) == (412, "changed_meanwhile")
    gone = api.delete(item, if_match=done["ETag"])
    assert (gone.status_code, gone.data["code"]) == (422, "last_product")
    assert api.patch(address, {"note": "Ring"}, match="*").data["note"] == "Ring"


@pytest.mark.parametrize(
    ("more", "status", "code", "pointer"),
    [
        ({"every": 9}, 400, "not_so_often", "/every"),
        ({"items": []}, 400, "min_length", "/items"),
        ({"items": [{"sku": "BEANS", "quantity": 0}]}, 400, "out_of_range", "/items/0/quantity"),
        ({"items": [{"sku": "BEANS", "quantity": 11}]}, 400, "out_of_range", "/items/0/quantity"),
        ({"items": [{"sku": "TEA", "quantity": 1}]}, 404, "product_not_offered", "/items/0/sku"),
        ({"items": [{"sku": "BEANS", "quantity": 1}] * 2}, 400, "twice", "/items/1/sku"),
        ({"way": "deliver"}, 400, "required", "/address"),
        ({"pays": "ahead"}, 400, "not_offered", "/pays"),
        ({"first_on": "2020-01-01"}, 422, "too_soon", "/first_on"),
        ({"location": "loc_none"}, 404, "location_not_found", "/location"),
        ({"member": "mem_none"}, 404, "member_not_found", "/member"),
        ({"offer": "tea"}, 404, "offer_not_found", "/offer"),
    ],
)
def test_what_is_wrong_is_named(
    shop: Shop, more: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    offer(shop)
    refused = Api(make_key(shop)).post("subscriptions/", basket(shop, **more))
    assert (refused.status_code, refused.data["code"]) == (status, code), refused.data
    assert [one["pointer"] for one in refused.data["errors"]] == [pointer]


def test_strangers_see_nothing(shop: Shop, other_shop: Shop) -> None:
    rule = offer(shop)
    one = begin(shop)
    stranger = Api(make_key(other_shop))
    for address in (f"subscriptions/{one.id}/", f"subscription-orders/{one.next_order}/"):
        assert stranger.get(address).status_code == 404
    for address in (
        f"subscriptions/{one.id}/cancel/",
        f"subscription-orders/{one.next_order}/skip/",
    ):
        assert stranger.post(address, {}).status_code == 404
    foreign = stranger.post("subscriptions/", basket(other_shop))
    assert foreign.data["code"] == "offer_not_found"
    assert stranger.get(f"subscription-offers/{rule.rule}/products/").status_code == 404
    assert stranger.get("subscription-orders/").data["data"] == []
    assert now_of(shop, one).state == "active"


def test_an_offer_with_crooked_numbers_is_refused_field_by_field(shop: Shop) -> None:
    values = {
        "name": "X",
        "code": "",
        "weeks_from": 4,
        "weeks_to": 2,
        "commitments": [{"months": 6, "discount_bp": 2_000}, {"months": 3, "discount_bp": 500}],
        "longest_pause_days": 0,
        "pays_before": False,
    }
    refused = Api(make_key(shop)).post("rules/", {"kind": "subscriptions.offer", "values": values})
    assert refused.status_code == 400
    assert {one["pointer"] for one in refused.data["errors"]} == {
        "/values/longest_pause_days",
        "/values/code",
        "/values/pays_before",
        "/values/weeks_to",
        "/values/commitments/1",
    }
    shapeless = {"name": "X", "code": "x", "commitments": [{"months": "6"}]}
    refused = Api(make_key(shop)).post(
        "rules/", {"kind": "subscriptions.offer", "values": shapeless}
    )
    assert (refused.status_code, refused.data["code"]) == (400, "bad_step")
    beyond = {**values, "commitments": [{"months": 6, "discount_bp": 20_000}], "code": "Bad code"}
    refused = Api(make_key(shop)).post("rules/", {"kind": "subscriptions.offer", "values": beyond})
    told = {one["pointer"]: one["detail"] for one in refused.data["errors"]}
    assert told["/values/code"].startswith("Use small letters")
    refused = Api(make_key(shop)).post(
        "rules/", {"kind": "subscriptions.offer", "values": {**beyond, "code": "x"}}
    )
    told = {one["pointer"]: one["detail"] for one in refused.data["errors"]}
    assert told["/values/commitments/0/discount_bp"] == "Give a number from 1 to 10000."


def test_the_pick_list(shop: Shop) -> None:
    offer(shop)
    with on(2026, 5, 1):
        begin(shop, (("BEANS", 2), ("MILK", 1)), first_on=date(2026, 5, 10))
    api = Api(make_key(shop))
    with on(2026, 5, 7):
        begin(shop, (("BEANS", 1),), first_on=date(2026, 5, 10))
        found = api.get("subscription-orders/pick-list/?on=2026-05-10").data
        assert [(one["sku"], one["closed"], one["open"]) for one in found["products"]] == [
            ("BEANS", 0, 3),
            ("MILK", 0, 1),
        ]
    with on(2026, 5, 9):
        night()
        found = api.get("subscription-orders/pick-list/?on=2026-05-10").data
    assert [(one["sku"], one["closed"], one["open"]) for one in found["products"]] == [
        ("BEANS", 3, 0),
        ("MILK", 1, 0),
    ]


def test_lists_do_not_ask_more_for_more(shop: Shop) -> None:
    offer(shop)
    api = Api(make_key(shop))
    me = shop.member
    api.get("subscriptions/")  # the key's own row is written once a minute
    counted = []
    for people in (2, 10):
        with in_programme(shop.programme), on(2026, 5, 1):
            for number in range(people):
                holder = Holder.objects.create()
                shop.member = Member.objects.create(
                    holder=holder, name=f"M{number}", joined_at=now()
                )
                begin(shop, (("BEANS", 1), ("MILK", 1)), first_on=date(2026, 5, 10))
        with on(2026, 5, 2):
            each = []
            for address in (
                "subscriptions/",
                "subscription-orders/",
                "subscription-orders/pick-list/?on=2026-05-10",
            ):
                with CaptureQueriesContext(connection) as asked:
                    assert api.get(address).status_code == 200
                each.append(len(asked))
        counted.append(each)
    shop.member = me
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 6


def test_staff_give_a_time_paid_ahead_back(shop: Shop) -> None:
    offer(shop, pays_ahead=True)
    with on(2026, 5, 1):
        one = begin(shop, commit_months=6, pays="ahead", first_on=date(2026, 5, 10))
        pay(shop, one.charge)
        refund_charge(shop.call(), charge=one.charge)
        settle()
    row = now_of(shop, one)
    assert (row.state, row.ahead_left) == ("ended", 0)
    assert run_of(shop, date(2026, 5, 10)).state == "cancelled"


def test_what_is_paid_ahead_is_counted_by_its_bill(shop: Shop) -> None:
    """The rhythm changed while the bill was open: as many come as were paid."""
    offer(shop, pays_ahead=True)
    with on(2026, 5, 1):
        one = begin(shop, commit_months=6, pays="ahead")
        Api(make_key(shop)).patch(
            f"subscriptions/{one.id}/", {"every": 1, "unit": "week"}, match="*"
        )
        pay(shop, one.charge)
    assert now_of(shop, one).ahead_left == 6
