"""Support looks at sales, and brings products in after it has seen what a file would do."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from loyalty.sales.models import ImportRun, Product, Purchase, Refund
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from tests.world import Shop

CSV = "programme,sku,name,kind,price_minor,excluded,is_active\ncafe,LAT,Latte,goods,55000,0,1\n"


@pytest.fixture
def support(db: None) -> Client:
    user = User.objects.create_superuser("sue@example.com", "a long pass phrase", name="Sue")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def test_products_are_imported_after_a_look(support: Client, shop: Shop) -> None:
    address = "/admin/loyalty_sales/product/import/"
    assert support.get(address).status_code == 200
    file = SimpleUploadedFile("products.csv", CSV.encode(), content_type="text/csv")
    seen = support.post(address, {"import_file": file, "format": "0"}).content.decode()
    with in_programme(shop.programme):
        assert not Product.objects.exists(), "a dry run writes nothing"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', seen))
    assert "import_file_name" in hidden, seen[-3000:]
    support.post("/admin/loyalty_sales/product/process_import/", hidden)
    with in_programme(shop.programme):
        assert Product.objects.get().name == "Latte"


@pytest.mark.parametrize("model", [Purchase, Refund, ImportRun, Product])
def test_sales_are_only_looked_at(support: Client, shop: Shop, model: type) -> None:
    record_purchase(shop.call(), member=shop.member.public_id, sale=SaleInput(total_minor=50_000))
    base = f"/admin/loyalty_sales/{model.__name__.lower()}/"
    assert support.get(base).status_code == 200
    assert support.get(f"{base}add/").status_code == 403
