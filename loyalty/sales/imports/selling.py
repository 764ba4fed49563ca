"""The sales of one wave: the same engine run as at the till, the rows written together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loyalty.commands.decorator import Context
from loyalty.common.errors import DomainError
from loyalty.common.public_ids import new_id
from loyalty.engine.activity import PURCHASE, ActivityData, Sale
from loyalty.engine.models import Activity
from loyalty.engine.run import run
from loyalty.engine.services import check_happened_at
from loyalty.sales.imports.incoming import ImportLine, ReceiptRefused, SaleItem
from loyalty.sales.imports.worlds import BatchWorld
from loyalty.sales.models import Product, Purchase, PurchaseLine
from loyalty.sales.rules import LineInput, ProductView, sale_lines
from loyalty.sales.selectors import products_by_sku
from loyalty.sales.services import (
    Prepared,
    keep_purchases,
    line_rows,
    purchase_row,
)
from loyalty.tenancy.inserts import Insert

_ACTIVITIES = Insert(Activity)


def record_sales(ctx: Context, wave: Sequence[tuple[SaleItem, BatchWorld]]) -> int:
    """Record the sales of a wave (one per holder); answers their net worth.

    Raises ``ReceiptRefused`` for the first sale that the rules say no to.
    """
    if not wave:
        return 0
    products = _products(ctx, [line for item, _world in wave for line in item.receipt.sold])
    prepared = [_prepare(ctx, item, products) for item, _world in wave]
    activities = [
        Activity(
            programme=ctx.programme,
            public_id=sale.activity.public_id,
            member=item.member,
            type=PURCHASE,
            key=sale.activity.key,
            happened_at=sale.activity.happened_at,
            recorded_at=ctx.now,
            merchant_id=ctx.merchant_id,
        )
        for (item, _world), sale in zip(wave, prepared, strict=True)
    ]
    _ACTIVITIES.keep(activities)
    purchases: list[Purchase] = []
    lines: list[PurchaseLine] = []
    for (item, world), sale, activity in zip(wave, prepared, activities, strict=True):
        world.row = activity
        try:
            outcome = run(world, sale.activity)
        except DomainError as error:
            raise ReceiptRefused(number=item.receipt.number, cause=str(error.message)) from error
        purchase = purchase_row(
            ctx,
            sale,
            outcome,
            activity=activity,
            member=item.member,
            source=Purchase.Source.IMPORT,
            receipt=item.receipt.number,
        )
        purchases.append(purchase)
        lines += line_rows(purchase, sale, outcome)
    keep_purchases(purchases, lines)
    return sum(purchase.net_minor for purchase in purchases)


def _prepare(ctx: Context, item: SaleItem, products: Mapping[str, ProductView]) -> Prepared:
    inputs = [
        LineInput(
            sku=line.product_code,
            name=line.name,
            category=line.category,
            quantity_milli=line.quantity_milli,
            net_minor=line.total_minor,
            discount_minor=line.discount_minor,
        )
        for line in item.receipt.sold
    ]
    try:
        lines = sale_lines(
            inputs,
            products=products,
            discount_minor=0,
            earn_on_tax=ctx.programme.earn_on_tax,
        )
        at = check_happened_at(item.receipt.happened_at, now=ctx.now)
    except DomainError as error:
        raise ReceiptRefused(number=item.receipt.number, cause=str(error.message)) from error
    purchase_id = new_id("pur")
    return Prepared(
        activity=ActivityData(
            type=PURCHASE,
            key=purchase_id,
            public_id=purchase_id,
            happened_at=at,
            sale=Sale(currency=ctx.programme.currency, lines=lines, settled=True),
            data={"use": {}},
        ),
        location_id=None,
        product_ids={line.sku: products[line.sku].id for line in inputs if line.sku},
    )


def _products(ctx: Context, lines: Sequence[ImportLine]) -> dict[str, ProductView]:
    """What the catalogue says of these goods; goods it does not know enter it as they were sold."""
    codes = {line.product_code for line in lines if line.product_code}
    known = products_by_sku(codes)
    missing = codes - set(known)
    if missing:
        first = {line.product_code: line for line in reversed(lines)}
        Product.objects.bulk_create(
            [
                Product(
                    programme=ctx.programme,
                    sku=code,
                    name=first[code].name or code,
                    price_minor=first[code].unit_price_minor,
                )
                for code in sorted(missing)
            ],
            ignore_conflicts=True,
        )
        known.update(products_by_sku(missing))
    return known
