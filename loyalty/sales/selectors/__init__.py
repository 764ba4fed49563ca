"""Reads about sales. All in the programme in scope."""

from __future__ import annotations

from loyalty.sales.selectors.browsing import (
    MemberShown,
    RefundableLine,
    can_undo,
    filter_purchases,
    last_visits,
    purchase_of_id,
    purchases_by_receipt,
    purchases_of,
    recent_sales_by,
    refundable_lines,
    refunds_of,
    shown_members,
)
from loyalty.sales.selectors.history import (
    bought,
    counted_bills,
    last_bill,
    product_names,
    summed_bills,
)
from loyalty.sales.selectors.past import line_state, past_sales
from loyalty.sales.selectors.products import (
    categories,
    category_of_id,
    filter_products,
    goods_names,
    has_products,
    open_locations,
    product_of_id,
    products_on_sale,
)
from loyalty.sales.selectors.recorded import (
    applied_effects,
    location_of,
    prices_of,
    products_by_sku,
    recorded,
    sale_of,
)
from loyalty.sales.selectors.shelf import SHELF

__all__ = [
    "SHELF",
    "MemberShown",
    "RefundableLine",
    "applied_effects",
    "bought",
    "can_undo",
    "categories",
    "category_of_id",
    "counted_bills",
    "filter_products",
    "filter_purchases",
    "goods_names",
    "has_products",
    "last_bill",
    "last_visits",
    "line_state",
    "location_of",
    "open_locations",
    "past_sales",
    "prices_of",
    "product_names",
    "product_of_id",
    "products_by_sku",
    "products_on_sale",
    "purchase_of_id",
    "purchases_by_receipt",
    "purchases_of",
    "recent_sales_by",
    "recorded",
    "refundable_lines",
    "refunds_of",
    "sale_of",
    "shown_members",
    "summed_bills",
]
