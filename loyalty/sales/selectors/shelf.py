"""The shop's products, and who bought them, as apps beside sales ask (``engine.ports.Shelf``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.engine.ports import ShopProduct
from loyalty.sales.models import LineKind, Product, PurchaseLine

# Of one person; whoever bought more is asked about the newest of it.
_MOST_LINES = 2_000


def _view(row: Product) -> ShopProduct:
    return ShopProduct(
        pk=row.pk,
        public_id=row.public_id,
        sku=row.sku,
        name=row.name,
        category=row.category.code if row.category else "",
        is_active=row.is_active,
    )


class ShopShelf:
    """Answers from the tables of sales."""

    def product(self, *, sku: str = "", public_id: str = "") -> ShopProduct:
        rows = Product.objects.select_related("category")
        found = rows.filter(Q(sku=sku) if sku else Q(public_id=public_id)).first()
        if found is None:
            raise NotFound(
                "product_not_found",
                _("There is no such product."),
                field="sku" if sku else "product",
            )
        return _view(found)

    def find(self, text: str, *, limit: int = 20) -> list[ShopProduct]:
        rows = Product.objects.select_related("category")
        rows = rows.filter(is_active=True, kind=LineKind.GOODS)
        for word in text.replace("\0", "").split()[:5]:
            rows = rows.filter(Q(name__icontains=word) | Q(sku__icontains=word))
        return [_view(row) for row in rows.order_by("name", "pk")[:limit]]

    def kept_by(
        self, member_ids: Collection[int], *, products: Collection[int] | None = None
    ) -> Mapping[int, tuple[ShopProduct, datetime]]:
        rows = PurchaseLine.objects.filter(
            Q(net_minor=0) | Q(refunded_minor__lt=F("net_minor")),
            purchase__member__in=member_ids,
            product__kind=LineKind.GOODS,
            kind=LineKind.GOODS,
            refunded_milli__lt=F("quantity_milli"),
        )
        if products is not None:
            rows = rows.filter(product__in=products)
        rows = rows.select_related("product__category")
        found: dict[int, tuple[ShopProduct, datetime]] = {}
        named = rows.annotate(at=F("purchase__happened_at")).order_by("-at", "-pk")
        for row in named[:_MOST_LINES]:
            assert row.product is not None
            if row.product.pk not in found:
                found[row.product.pk] = (_view(row.product), row.at)
        return found

    def products_of(self, purchase: str) -> list[int]:
        rows = PurchaseLine.objects.filter(purchase__public_id=purchase, product__isnull=False)
        return list(rows.order_by().values_list("product", flat=True).distinct())


SHELF = ShopShelf()
