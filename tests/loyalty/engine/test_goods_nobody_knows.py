"""Rules that name goods nobody listed: no fault, but said before they are published."""

from __future__ import annotations

from loyalty.sales.models import Category, Product
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.world import Shop


def _notes(api: Api, kind: str, **values: object) -> list[tuple[str, str]]:
    drafted = api.post("rules/", {"kind": kind, "values": {"name": "X", **values}})
    assert drafted.status_code == 201, drafted.data
    published = api.post(f"rules/{drafted.data['rule']}/publish/", {})
    read = api.get(f"rules/{drafted.data['rule']}/")
    assert published.status_code == 200, published.data
    assert drafted.data["notes"] == published.data["notes"] == read.data["notes"]
    return [(one["field"], one["code"]) for one in read.data["notes"]]


def test_a_code_no_product_has_is_told_and_does_not_stop_the_rule(shop: Shop) -> None:
    with in_programme(shop.programme):
        Product.objects.create(programme=shop.programme, sku="TEA", price_minor=100)
        Category.objects.create(programme=shop.programme, code="drinks", name="Drinks")
    api = Api(make_key(shop))
    discount = {"off_bp": 1_000, "skus": ["TEA", "TAE"], "excluded_categories": ["drinks", "food"]}
    assert _notes(api, "discounts.discount_rule", **discount) == [
        ("skus.1", "unknown_sku"),
        ("excluded_categories.1", "unknown_category"),
    ]
    trial = {"code": "try", "what": "product"}
    assert _notes(api, "trials.trial", **trial, sku="TAE") == [("sku", "unknown_sku")]
    assert _notes(api, "trials.trial", **{**trial, "code": "again"}, sku="TEA") == []


def test_a_value_a_fact_cannot_have_is_told_with_the_codes_there_are(shop: Shop) -> None:
    api = Api(make_key(shop))
    audience = [{"fact": "member.language", "op": "eq", "value": "fr"}]
    drafted = api.post(
        "rules/",
        {
            "kind": "discounts.discount_rule",
            "values": {"name": "X", "off_bp": 1_000, "audience": audience},
        },
    )
    refused = api.post(f"rules/{drafted.data['rule']}/publish/", {})
    assert (refused.status_code, refused.data["code"]) == (400, "unknown_value")
    assert "(vi)" in refused.data["detail"] and "(en)" in refused.data["detail"]
    assert refused.data["params"]["known"] == ["vi", "en"]
