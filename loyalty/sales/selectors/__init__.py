"""Reads about sales. All in the programme in scope."""

from __future__ import annotations

from loyalty.sales.selectors.browsing import (
    MemberShown,
    RefundableLine,
    can_undo,
    categories,
    has_products,
    open_locations,
    products_on_sale,
    purchase_of_id,
    purchases_by_receipt,
    recent_sales_by,
    refundable_lines,
    shown_members,
)
from loyalty.sales.selectors.recorded import (
    applied_effects,
    location_of,
    prices_of,
    products_by_sku,
    recorded,
    sale_of,
)

__all__ = [
    "MemberShown",
    "RefundableLine",
    "applied_effects",
    "can_undo",
    "categories",
    "has_products",
    "location_of",
    "open_locations",
    "prices_of",
    "products_by_sku",
    "products_on_sale",
    "purchase_of_id",
    "purchases_by_receipt",
    "recent_sales_by",
    "recorded",
    "refundable_lines",
    "sale_of",
    "shown_members",
]
