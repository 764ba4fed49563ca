"""Everything that is written about sales. Each public function that acts is a command."""

from __future__ import annotations

from loyalty.sales.services.batches import begin_batch
from loyalty.sales.services.products import (
    ProductInput,
    Saved,
    add_category,
    add_product,
    change_category,
    change_product,
    remove_category,
)
from loyalty.sales.services.purchases import (
    Prepared,
    SaleInput,
    keep_purchases,
    line_rows,
    prepare,
    purchase_result,
    purchase_row,
    record_purchase,
    refuse_unclaimed,
)
from loyalty.sales.services.refunds import follow_bill, refund_purchase

__all__ = [
    "Prepared",
    "ProductInput",
    "SaleInput",
    "Saved",
    "add_category",
    "add_product",
    "begin_batch",
    "change_category",
    "change_product",
    "follow_bill",
    "keep_purchases",
    "line_rows",
    "prepare",
    "purchase_result",
    "purchase_row",
    "record_purchase",
    "refund_purchase",
    "refuse_unclaimed",
    "remove_category",
]
