"""Shapes of the sales API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.sales.models import LineKind, Product, Purchase, PurchaseLine, Refund
from loyalty.sales.rules import MAX_LINES, MAX_QUANTITY_MILLI, LineInput, LineRefund
from loyalty.sales.services import SaleInput
from loyalty.web.api import (
    Body,
    Choice,
    Flag,
    Instant,
    ItemList,
    Money,
    PlainObject,
    PublicId,
    Quantity,
    Query,
    Text,
    Whole,
)

COFFEE = {
    "member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6",
    "receipt": "HD-2026-000123",
    "happened_at": "2026-11-20T08:15:00+07:00",
    "lines": [
        {"sku": "CF-SUA", "name": "Cà phê sữa đá", "quantity": 2, "net_minor": 58_000},
        {"sku": "BM-THIT", "name": "Bánh mì thịt", "quantity": 1, "net_minor": 35_000},
    ],
}


class LineBody(Body):
    """One line as it was rung up. ``net_minor`` is the whole line's price, tax included."""

    sku = Text(maximum=60, required=False)
    name = Text(maximum=300, required=False)
    category = Text(maximum=60, required=False)
    kind = Choice(choices=LineKind.values, required=False)
    quantity = Quantity(required=False, help_text="1 where it is missing.")
    net_minor = Money()
    tax_minor = Money(required=False)
    discount_minor = Money(required=False, help_text="What was taken off already; for the record.")


class SaleBody(Body):
    """A sale to a member: a basket of lines, or just a total."""

    member = PublicId(prefix="mem", required=False)
    identifier = Text(
        maximum=254,
        required=False,
        allow_blank=False,
        help_text="Instead of `member`: phone in any spelling, e-mail, card number, outside id.",
    )
    lines = ItemList(child=LineBody(), maximum=MAX_LINES, required=False)
    total_minor = Money(required=False, help_text="Instead of lines: what the goods cost together.")
    currency = Text(maximum=3, required=False, help_text="The programme's where it is missing.")
    discount_minor = Money(required=False, help_text="Off the whole bill.")
    receipt = Text(maximum=80, required=False, help_text="Unique per merchant: the second guard.")
    location = PublicId(prefix="loc", required=False)
    happened_at = Instant(required=False, help_text="Now where it is missing; never ahead of now.")
    use = PlainObject(
        required=False,
        help_text='What to pay with: `{"points": 500, "vouchers": ["K7QM-2XTP"]}`.',
    )
    settled = Flag(
        required=False,
        help_text="`true`: paid already at exactly this price; no discount of ours lowers it.",
    )


class BatchBody(Body):
    """Up to 1,000 sales; each stands for itself. Items are checked one by one."""

    purchases = ItemList(child=PlainObject(), maximum=1_000, minimum=1)


class RefundLineBody(Body):
    """What is refunded of one line: a quantity, an amount, or (with neither) the rest of it."""

    number = Whole(minimum=1, maximum=MAX_LINES, help_text="The line's number, from 1.")
    quantity = Quantity(required=False)
    amount_minor = Money(required=False)


class RefundBody(Body):
    """A refund by lines, by amount, or (with neither) of all that is left."""

    lines = ItemList(child=RefundLineBody(), minimum=1, maximum=MAX_LINES, required=False)
    amount_minor = Money(minimum=1, required=False)
    receipt = Text(maximum=80, required=False)
    reason = Text(maximum=200, required=False)
    happened_at = Instant(required=False)


class PurchaseQuery(Query):
    """Filters of the list of purchases."""

    member = PublicId(prefix="mem", required=False)
    receipt = Text(maximum=80, required=False)
    since = Instant(required=False, help_text="From this instant on.")
    until = Instant(required=False, help_text="Before this instant.")


class RefundQuery(Query):
    """Filters of the list of refunds."""

    purchase = PublicId(prefix="pur", required=False)
    member = PublicId(prefix="mem", required=False)


class ProductBody(Body):
    """A product; ``category`` is the id of one, ``excluded`` never earns."""

    sku = Text(maximum=60, help_text="Its code, as on receipts.")
    name = Text(maximum=300)
    category = PublicId(prefix="cat", required=False)
    kind = Choice(choices=LineKind.values, required=False)
    price_minor = Money(required=False)
    excluded = Flag(required=False)
    is_active = Flag(required=False)


class ProductQuery(Query):
    """Which products."""

    sku = Text(maximum=60, required=False)
    text = Text(maximum=100, required=False)


@dataclass(frozen=True, kw_only=True)
class ProductView:
    """A product of the shop."""

    id: str
    sku: str
    name: str
    category: str
    kind: str
    price_minor: int
    excluded: bool
    is_active: bool


def present_product(row: Product) -> ProductView:
    """For the API."""
    return ProductView(
        id=row.public_id,
        sku=row.sku,
        name=row.name,
        category=row.category.public_id if row.category else "",
        kind=str(row.kind),
        price_minor=row.price_minor,
        excluded=row.excluded,
        is_active=row.is_active,
    )


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One line as it was sold, with how much of it has been refunded. Thousandths in ``_milli``."""

    number: int
    sku: str
    name: str
    category: str
    kind: str
    quantity_milli: int
    net_minor: int
    tax_minor: int
    discount_minor: int
    refunded_milli: int
    refunded_minor: int


@dataclass(frozen=True, kw_only=True)
class PurchaseView:
    """A recorded purchase."""

    id: str
    member: str
    merchant: str
    location: str | None
    source: str
    receipt: str
    currency: str
    total_minor: int
    discount_minor: int
    points_paid_minor: int
    vouchers_paid_minor: int
    credit_paid_minor: int
    to_pay_minor: int
    refunded_minor: int
    happened_at: datetime
    recorded_at: datetime
    lines: list[LineView] | None = None


@dataclass(frozen=True, kw_only=True)
class RefundedLineView:
    """What of one line went back, by the number it has in the purchase."""

    number: int
    quantity_milli: int
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """A recorded refund. ``cash_minor`` is what of ``amount_minor`` went back in money."""

    id: str
    purchase: str
    member: str
    receipt: str
    amount_minor: int
    cash_minor: int
    currency: str
    reason: str
    lines: list[RefundedLineView]
    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class BatchItem:
    """What became of one item of a batch: recorded, a duplicate, or refused with the problem."""

    index: int
    outcome: str
    replayed: bool
    purchase: Any = None
    problem: Any = None


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What became of every item, in order, and how many of each."""

    recorded: int
    duplicates: int
    refused: int
    data: list[BatchItem]


def sale_input(body: Mapping[str, Any]) -> SaleInput:
    """A checked body as the sale that the service takes."""
    return SaleInput(
        lines=tuple(_line_input(line) for line in body.get("lines", ())),
        total_minor=body.get("total_minor"),
        currency=body.get("currency", ""),
        discount_minor=body.get("discount_minor", 0),
        receipt=body.get("receipt", ""),
        location=body.get("location", ""),
        happened_at=body.get("happened_at"),
        use=body.get("use", {}),
        settled=body.get("settled", False),
    )


def line_refunds(body: Mapping[str, Any]) -> tuple[LineRefund, ...]:
    """The lines of a checked refund body."""
    return tuple(
        LineRefund(
            number=line["number"],
            quantity_milli=line.get("quantity"),
            amount_minor=line.get("amount_minor"),
        )
        for line in body.get("lines", ())
    )


def present_purchase(row: Purchase, *, with_lines: bool = False) -> PurchaseView:
    """A purchase with member, merchant and location loaded (and lines, where they are wanted)."""
    lines = [present_line(line) for line in row.lines.all()] if with_lines else None
    return PurchaseView(
        id=row.public_id,
        member=row.member.public_id,
        merchant=row.merchant.public_id,
        location=row.location.public_id if row.location else None,
        source=row.source,
        receipt=row.receipt,
        currency=row.currency,
        total_minor=row.total_minor,
        discount_minor=row.discount_minor,
        points_paid_minor=row.points_paid_minor,
        vouchers_paid_minor=row.vouchers_paid_minor,
        credit_paid_minor=row.credit_paid_minor,
        to_pay_minor=row.to_pay_minor,
        refunded_minor=row.refunded_minor,
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        lines=lines,
    )


def present_line(row: PurchaseLine) -> LineView:
    """One sold line."""
    return LineView(
        number=row.number,
        sku=row.sku,
        name=row.name,
        category=row.category,
        kind=row.kind,
        quantity_milli=row.quantity_milli,
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        discount_minor=row.discount_minor,
        refunded_milli=row.refunded_milli,
        refunded_minor=row.refunded_minor,
    )


def present_refund(row: Refund) -> RefundView:
    """A refund with its purchase and member loaded."""
    return RefundView(
        id=row.public_id,
        purchase=row.purchase.public_id,
        member=row.purchase.member.public_id,
        receipt=row.receipt,
        amount_minor=row.amount_minor,
        cash_minor=row.cash_minor,
        currency=row.purchase.currency,
        reason=row.reason,
        lines=[RefundedLineView(**one) for one in row.lines],
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
    )


def _line_input(line: Mapping[str, Any]) -> LineInput:
    values = {name: value for name, value in line.items() if name != "quantity"}
    return LineInput(quantity_milli=line.get("quantity", 1000), **values)


assert MAX_QUANTITY_MILLI == 10**10  # the bound that Quantity checks
