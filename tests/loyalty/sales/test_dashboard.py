"""Sales in the back office: seen with their reasons, refunded once, found by receipt or person."""

from __future__ import annotations

from django.test import Client

from loyalty.sales.models import Category, Product, Purchase
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from tests.world import Shop


def _owner(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.staff.user)
    return client


def _bought(shop: Shop) -> str:
    lines = (
        LineInput(name="Latte", quantity_milli=2000, net_minor=90_000),
        LineInput(name="Cake", net_minor=40_000),
    )
    sale = SaleInput(lines=lines, receipt="A-7")
    return record_purchase(shop.call(), member=shop.member.public_id, sale=sale).purchase


def test_a_line_is_refunded_once_however_often_it_is_sent(shop: Shop) -> None:
    purchase, owner = _bought(shop), _owner(shop)
    url = f"/dashboard/cafe/sales/{purchase}/"
    assert "Latte" in owner.get(url).content.decode()
    sent = {"what": "lines", "line.1": "1", "line.2": "0", "idempotency_key": "r"}
    for _twice in range(2):
        assert owner.post(url, sent).status_code == 302
    with in_programme(shop.programme):
        assert Purchase.objects.get(public_id=purchase).refunded_minor == 45_000
    assert owner.post(url, {"what": "lines", "idempotency_key": "r2"}).status_code == 422
    rest = owner.post(url, {"what": "lines", "line.1": "2", "idempotency_key": "r3"})
    assert rest.status_code == 422
    found = owner.get("/dashboard/cafe/sales/?q=A-7&show=refunded").content.decode()
    assert purchase in found


def test_products_and_categories_are_kept_by_code(shop: Shop) -> None:
    owner = _owner(shop)
    for _twice in range(2):
        owner.post(
            "/dashboard/cafe/categories/",
            {"code": "drinks", "name": "Drinks", "idempotency_key": "c"},
        )
    with in_programme(shop.programme):
        category = Category.objects.get()
    described = {
        "sku": "latte",
        "name": "Latte",
        "kind": "goods",
        "price_minor": "45000",
        "category": category.public_id,
        "is_active": "on",
    }
    url = "/dashboard/cafe/products/new/"
    assert owner.post(url, described | {"idempotency_key": "p"}).status_code == 302
    twin = owner.post(url, described | {"idempotency_key": "p2"})
    assert twin.status_code == 422
    assert "code already" in twin.content.decode()
    remove = f"/dashboard/cafe/categories/{category.public_id}/remove/"
    owner.post(remove, {"idempotency_key": "x"})
    with in_programme(shop.programme):
        assert Category.objects.count() == 1, "a category in use stays"
        product = Product.objects.get()
    described |= {"price_minor": "49000", "category": "", "idempotency_key": "p3"}
    owner.post(f"/dashboard/cafe/products/{product.public_id}/", described)
    owner.post(remove, {"idempotency_key": "x2"})
    with in_programme(shop.programme):
        assert Product.objects.get().price_minor == 49_000
        assert not Category.objects.exists()
