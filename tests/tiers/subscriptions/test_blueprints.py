"""The ready-made offers, loaded, stocked and joined by a program from outside, give the known figures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api import Api, make_key
from tests.tiers.subscriptions.subs_of import product
from tests.world import Shop, make_shop

BEANS = {"offer": "bean-box", "every": 1, "unit": "month", "way": "collect"}
LIST = {"offer": "fresh-list", "every": 2, "unit": "week", "way": "deliver"}


@pytest.fixture
def abroad(db: None) -> Shop:
    return make_shop("abroad", owner="ben@example.com", member="Ana", currency="USD")


def _on_sale(api: Api, slug: str, skus: list[str]) -> str:
    loaded = api.post(f"blueprints/{slug}/", {}).data
    (rule,) = loaded["rules"]
    assert api.post(f"rules/{rule}/publish/", {}).status_code == 200
    for sku in skus:
        answer = api.post(f"subscription-offers/{rule}/products/", {"sku": sku})
        assert answer.status_code == 201, answer.data
    return str(rule)


def _quote(api: Api, basket: dict[str, Any], skus: list[str], **more: Any) -> Any:
    items = [{"sku": sku, "quantity": 1} for sku in skus]
    answer = api.post("subscriptions/quote/", {**basket, "items": items, **more})
    assert answer.status_code == 200, answer.data
    return answer.data


@pytest.mark.parametrize(("months", "total"), [(5, 10_000), (6, 9_600), (12, 19_200)])
def test_bean_box(abroad: Shop, months: int, total: int) -> None:
    product(abroad, "BEANS", "Beans", 2_000)
    api = Api(make_key(abroad))
    _on_sale(api, "bean-box", ["BEANS"])
    assert _quote(api, BEANS, ["BEANS"], commit_months=months)["total_minor"] == total


@pytest.mark.parametrize(("count", "each"), [(4, 3_800), (5, 4_250)])
def test_the_fresh_list(abroad: Shop, count: int, each: int) -> None:
    skus = [f"ITEM-{n}" for n in range(count)]
    for sku in skus:
        product(abroad, sku, sku, 1_000)
    api = Api(make_key(abroad))
    rule = _on_sale(api, "fresh-list", skus)
    assert _quote(api, LIST, skus)["each_minor"] == each
    offers = api.get("subscription-offers/").data
    assert [one["id"] for one in offers] == [rule]
    assert len(offers[0]["products"]) == count
    too_often = api.post(
        "subscriptions/quote/",
        {**LIST, "items": [{"sku": skus[0], "quantity": 1}], "every": 1},
    )
    assert (too_often.status_code, too_often.data["code"]) == (400, "not_so_often")
