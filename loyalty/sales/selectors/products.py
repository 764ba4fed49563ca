"""Products, categories and places as tills and the dashboard list them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.sales.models import Category, Product
from loyalty.tenancy.models import Location

MOST_PRODUCTS = 60


def open_locations(*, merchant_id: int) -> list[Location]:
    """The locations a merchant sells at now, by name."""
    return list(Location.objects.filter(merchant=merchant_id, is_active=True).order_by("name"))


def has_products() -> bool:
    """Is there anything to put into a basket?"""
    return Product.objects.filter(is_active=True, price_minor__gt=0).exists()


def products_on_sale(*, text: str = "", category: str = "") -> list[Product]:
    """Products with a price for the till's grid: by words of their name or code, at most sixty."""
    rows = Product.objects.filter(is_active=True, price_minor__gt=0)
    if category:
        rows = rows.filter(category__public_id=category)
    for word in text.split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(sku__icontains=word))
    return list(rows.order_by("name", "pk")[:MOST_PRODUCTS])


def categories() -> list[Category]:
    """All categories, by name."""
    return list(Category.objects.order_by("name"))


def goods_names(skus: Collection[str], categories: Collection[str]) -> dict[tuple[str, str], str]:
    """Names of those of these products and categories that exist, by ``("sku", code)`` and
    ``("category", code)``. At most two queries.
    """
    found: dict[tuple[str, str], str] = {}
    if skus:
        rows = Product.objects.filter(sku__in=skus).order_by("-pk").values_list("sku", "name")
        found |= {("sku", code): name or code for code, name in rows}
    if categories:
        kinds = Category.objects.filter(code__in=categories).order_by("-pk")
        found |= {("category", code): name for code, name in kinds.values_list("code", "name")}
    return found


def filter_products(*, text: str = "", category: str = "") -> QuerySet[Product]:
    """Products by words of their name or code and by category, on sale or not."""
    rows: QuerySet[Product] = Product.objects.select_related("category")
    if category:
        rows = rows.filter(category__public_id=category)
    for word in text.replace("\0", "").split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(sku__icontains=word))
    return rows


def product_of_id(public_id: str) -> Product:
    """The product of a public id. Raises ``NotFound``."""
    found: Product | None = (
        Product.objects.select_related("category").filter(public_id=public_id).first()
    )
    if found is None:
        raise NotFound("product_not_found", _("There is no such product."), field="product")
    return found


def category_of_id(public_id: str) -> Category:
    """The category of a public id. Raises ``NotFound``."""
    found: Category | None = Category.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("category_not_found", _("There is no such category."), field="category")
    return found
