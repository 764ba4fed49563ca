"""Bean Box: 20% off from six months. By a program from outside, with the figures of the reference."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from loyalty.sales.models import Purchase
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.tiers.subscriptions.subs_of import night, offer, on, settle
from tests.world import Shop, make_shop


@pytest.fixture
def box(db: None) -> Shop:
    return make_shop("beanbox", owner="ben@example.com", member="Ana", currency="USD")


def basket(**more: Any) -> dict[str, Any]:
    return {
        "offer": "beans",
        "items": [{"sku": "BEANS", "quantity": 1}],
        "every": 1,
        "unit": "month",
        **more,
    }


def subscribe(api: Api, shop: Shop, **more: Any) -> Any:
    body = basket(member=shop.member.public_id, way="collect", **more)
    answer = api.post("subscriptions/", body)
    assert answer.status_code == 201, answer.data
    return answer.data


def run(api: Api, subscription: str) -> list[dict[str, Any]]:
    """The worker comes by; what is billed is paid in cash; the deliveries there are."""
    night()
    found = api.get(f"subscription-orders/?subscription={subscription}").data["data"]
    for order in found:
        if order["state"] == "locked":
            assert api.post(f"charges/{order['charge']}/cash/", {}).status_code == 200
    settle()
    return list(api.get(f"subscription-orders/?subscription={subscription}").data["data"])


@pytest.mark.parametrize(
    ("months", "each", "total"), [(5, 2_000, 10_000), (6, 1_600, 9_600), (12, 1_600, 19_200)]
)
def test_what_the_committed_length_costs(box: Shop, months: int, each: int, total: int) -> None:
    offer(box)
    quoted = Api(make_key(box)).post("subscriptions/quote/", basket(commit_months=months)).data
    assert (quoted["each_minor"], quoted["deliveries"]) == (each, months)
    assert quoted["total_minor"] == total


@pytest.mark.parametrize(("months", "paid"), [(5, 10_000), (6, 9_600)])
def test_every_month_is_delivered_paid_and_sold(box: Shop, months: int, paid: int) -> None:
    offer(box, renews=False)
    api = Api(make_key(box))
    with on(2026, 1, 10):
        one = subscribe(api, box, commit_months=months, first_on="2026-01-31")
    assert (one["state"], one["next_on"]) == ("active", "2026-01-31")
    for month, day in ((1, 29), (2, 26), (3, 29), (4, 28), (5, 29), (6, 28), (7, 30)):
        with on(2026, month, day, hour=19):
            orders = run(api, one["id"])
    days = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    days += [date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)]
    assert [one["deliver_on"] for one in reversed(orders)] == [
        day.isoformat() for day in days[:months]
    ]
    assert {order["state"] for order in orders} == {"paid"}
    assert api.get(f"subscriptions/{one['id']}/").data["state"] == "ended"
    sold = api.get(f"purchases/?member={box.member.public_id}").data["data"]
    assert (len(sold), sum(sale["total_minor"] for sale in sold)) == (months, paid)


@pytest.mark.parametrize(
    ("leaving", "refunded", "charged"), [("free", 6_400, 0), ("difference", 5_600, 0)]
)
def test_paid_ahead_and_cancelled_after_two(
    box: Shop, leaving: str, refunded: int, charged: int
) -> None:
    """Pro rata: four of six deliveries go back; what they saved stays with who is charged for it."""
    offer(box, pays_ahead=True, leaving=leaving)
    api = Api(make_key(box))
    with on(2026, 1, 10):
        one = subscribe(api, box, commit_months=6, pays="ahead", first_on="2026-01-31")
        assert (one["state"], one["next_on"]) == ("waiting", None)
        bill = api.get(f"charges/{one['charge']}/").data
        assert bill["amount_minor"] == 9_600
        api.post(f"charges/{one['charge']}/cash/", {})
        settle()
        assert api.get(f"subscriptions/{one['id']}/").data["ahead_left"] == 6
    for month, day in ((1, 29), (2, 26)):
        with on(2026, month, day, hour=19):
            orders = run(api, one["id"])
    assert [order["state"] for order in orders] == ["upcoming", "paid", "paid"]
    with on(2026, 3, 2):
        foretold = api.get(f"subscriptions/{one['id']}/leaving/").data
        assert (foretold["refund_minor"], foretold["charge_minor"]) == (refunded, charged)
        done = api.post(f"subscriptions/{one['id']}/cancel/", {}).data
    assert (done["state"], done["refunded_minor"], done["charged_minor"]) == (
        "ended",
        refunded,
        charged,
    )
    assert api.get(f"charges/{one['charge']}/").data["refunded_minor"] == refunded
    with in_programme(box.programme):
        assert sum(one.total_minor for one in Purchase.objects.all()) == 3_200


@pytest.mark.parametrize("leaving", ["free", "difference", "stay"])
def test_leaving_after_two_of_six(box: Shop, leaving: str) -> None:
    offer(box, leaving=leaving)
    api = Api(make_key(box))
    with on(2026, 1, 10):
        one = subscribe(api, box, commit_months=6, first_on="2026-01-31")
    for month, day in ((1, 29), (2, 26)):
        with on(2026, month, day, hour=19):
            run(api, one["id"])
    address = f"subscriptions/{one['id']}"
    with on(2026, 3, 2):
        answer = api.post(f"{address}/cancel/", {})
        if leaving == "stay":
            assert (answer.status_code, answer.data["code"]) == (422, "must_stay")
            assert answer.data["params"] == {"until": "2026-07-31"}
            later = api.post(f"{address}/cancel/", {"at_end": True}).data
            assert (later["state"], later["stops_on"]) == ("active", "2026-07-31")
            assert api.post(f"{address}/keep/").data["stops_on"] is None
            return
        assert answer.data["state"] == "ended"
        assert answer.data["charged_minor"] == (800 if leaving == "difference" else 0)
        if leaving == "difference":
            api.post(f"charges/{answer.data['charge']}/cash/", {})
            settle()
            sold = api.get("purchases/").data["data"]
            assert sorted(sale["total_minor"] for sale in sold) == [800, 1_600, 1_600]


def test_leaving_when_all_was_kept_costs_nothing(box: Shop) -> None:
    offer(box, leaving="difference")
    api = Api(make_key(box))
    with on(2026, 1, 10):
        one = subscribe(api, box, commit_months=6, first_on="2026-01-31")
    for month, day in ((1, 29), (2, 26), (3, 29), (4, 28), (5, 29), (6, 28)):
        with on(2026, month, day, hour=19):
            run(api, one["id"])
    with on(2026, 7, 2):
        assert api.post(f"subscriptions/{one['id']}/cancel/", {}).data["charged_minor"] == 0


def test_what_came_back_whole_saved_nothing(box: Shop) -> None:
    """Of two deliveries one is handed over and returned: leaving early costs what the other saved."""
    offer(box, leaving="difference")
    api = Api(make_key(box))
    with on(2026, 1, 10):
        one = subscribe(api, box, commit_months=6, first_on="2026-01-31")
    for month, day in ((1, 29), (2, 26)):
        with on(2026, month, day, hour=19):
            orders = run(api, one["id"])
    with on(2026, 3, 2):
        first = orders[-1]
        assert api.post(f"subscription-orders/{first['id']}/deliver/", {}).status_code == 200
        receipt = f"purchases/?receipt={first['id']}"
        sale = api.get(receipt).data["data"][0]["id"]
        assert api.post(f"purchases/{sale}/refunds/", {}).status_code == 201
        settle()
        done = api.post(f"subscriptions/{one['id']}/cancel/", {}).data
    assert (done["state"], done["charged_minor"]) == ("ended", 400)
