"""The Amazon Fresh list, with the figures of Subscribe & Save: by a program from outside."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.sales.services import ProductInput, change_product
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.tiers.subscriptions.subs_of import night, offer, on, settle
from tests.world import Shop, make_shop
from tiers.subscriptions.models import OfferedProduct

LIST = tuple((f"ITEM-{n}", f"Item {n}", 1_000) for n in range(1, 7))


@pytest.fixture
def fresh(db: None) -> Shop:
    shop = make_shop("fresh", owner="ben@example.com", member="Ana", currency="USD")
    offer(
        shop,
        products=LIST,
        code="list",
        weeks_from=2,
        weeks_to=8,
        months_from=1,
        months_to=6,
        commitments=[],
        discount_bp=500,
        by_products=[{"products": 5, "discount_bp": 1_500}],
        leaving="free",
        cutoff_days=0,
        cutoff_hour=6,
        collects=False,
    )
    return shop


def subscribe(api: Api, shop: Shop, *skus: str, **more: Any) -> Any:
    body = {
        "member": shop.member.public_id,
        "offer": "list",
        "items": [{"sku": sku, "quantity": 1} for sku in skus],
        "every": 2,
        "unit": "week",
        "first_on": "2026-03-10",
        "address": "1 Main street",
        **more,
    }
    answer = api.post("subscriptions/", body)
    assert answer.status_code == 201, answer.data
    return answer.data


def closed(api: Api, day: str) -> list[dict[str, Any]]:
    found = api.get(f"subscription-orders/?first_on={day}&last_on={day}").data["data"]
    return [one for one in found if one["state"] not in ("skipped", "cancelled")]


@pytest.mark.parametrize(("count", "off", "pay"), [(4, 200, 3_800), (5, 750, 4_250)])
def test_four_items_and_five(fresh: Shop, count: int, off: int, pay: int) -> None:
    api = Api(make_key(fresh))
    with on(2026, 3, 2):
        subscribe(api, fresh, *(f"ITEM-{n}" for n in range(1, count + 1)))
    with on(2026, 3, 10, hour=7):
        night()
        (order,) = closed(api, "2026-03-10")
    assert (order["discount_minor"], order["total_minor"]) == (off, pay)
    assert sum(line["net_minor"] for line in order["lines"]) == pay


@pytest.mark.parametrize(("skips", "totals"), [(0, [850] * 5), (1, [950] * 4)])
def test_five_subscriptions_of_one_item_and_one_of_them_skipped(
    fresh: Shop, skips: int, totals: list[int]
) -> None:
    """They come on one day, so they count together; what is skipped does not."""
    api = Api(make_key(fresh))
    with on(2026, 3, 2):
        made = [subscribe(api, fresh, f"ITEM-{n}") for n in range(1, 6)]
        for one in made[:skips]:
            later = api.post(f"subscription-orders/{one['next_order']}/skip/").data
            assert later["next_on"] == "2026-03-24"
    with on(2026, 3, 10, hour=7):
        night()
        assert [order["total_minor"] for order in closed(api, "2026-03-10")] == totals


def test_the_price_is_that_of_the_day_it_is_closed(fresh: Shop) -> None:
    api = Api(make_key(fresh))
    with on(2026, 3, 2):
        subscribe(api, fresh, "ITEM-1")
    with in_programme(fresh.programme):
        found = OfferedProduct.objects.select_related("product").get(product__sku="ITEM-1")
    raised = ProductInput(sku="ITEM-1", name="Item 1", price_minor=1_200)
    change_product(fresh.call(), target=found.product.public_id, product=raised)
    with on(2026, 3, 10, hour=7):
        night()
        (order,) = closed(api, "2026-03-10")
    assert (order["goods_minor"], order["discount_minor"]) == (1_200, 60)


def test_skip_and_cancel_are_free_and_a_skip_can_be_taken_back(fresh: Shop) -> None:
    api = Api(make_key(fresh))
    with on(2026, 3, 2):
        one = subscribe(api, fresh, "ITEM-1")
        first = one["next_order"]
        api.post(f"subscription-orders/{first}/skip/")
        back = api.post(f"subscription-orders/{first}/unskip/").data
        assert (back["next_order"], back["next_on"]) == (first, "2026-03-10")
        done = api.post(f"subscriptions/{one['id']}/cancel/", {}).data
        assert (done["state"], done["charged_minor"]) == ("ended", 0)
        night()
    with on(2026, 3, 10, hour=7):
        night()
        assert closed(api, "2026-03-10") == []


def test_what_is_delivered_on_credit_is_paid_at_the_door(fresh: Shop) -> None:
    """Packed, brought, paid in cash: one sale, and the points of it."""
    api = Api(make_key(fresh))
    rules = {"kind": "subscriptions.offer", "values": {"pays_on_delivery": True}}
    live = api.get("subscription-offers/").data[0]["id"]
    draft = api.patch(f"rules/{live}/", {"values": rules["values"]}, match="*").data
    assert api.post(f"rules/{draft['rule']}/publish/", {}).status_code == 200
    with on(2026, 3, 2):
        subscribe(api, fresh, "ITEM-1", pays="on_delivery")
    with on(2026, 3, 10, hour=7):
        night()
        (order,) = closed(api, "2026-03-10")
        address = f"subscription-orders/{order['id']}"
        assert api.post(f"{address}/pack/").data["state"] == "packed"
        unpaid = api.post(f"{address}/deliver/", {})
        assert (unpaid.status_code, unpaid.data["code"]) == (422, "not_paid")
        assert api.post(f"{address}/deliver/", {"cash": True}).data["state"] == "delivered"
        settle()
        (sale,) = api.get("purchases/").data["data"]
    assert (sale["total_minor"], sale["receipt"]) == (950, order["id"])
