"""How a sale is built and what a refund takes: pure functions on plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid, Refused
from loyalty.common.money import MAX_MINOR, check_minor, split
from loyalty.engine.activity import GOODS, SaleLine

MAX_LINES = 1_000
MAX_QUANTITY_MILLI = 10**10


@dataclass(frozen=True, kw_only=True)
class LineInput:
    """One line as it was rung up.

    ``net_minor`` is the whole line's price after its own discounts, tax included; ``tax_minor`` is
    the part of it that is tax.
    """

    sku: str = ""
    name: str = ""
    category: str = ""
    kind: str = ""
    quantity_milli: int = 1000
    net_minor: int = 0
    tax_minor: int = 0
    discount_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class ProductView:
    """What the catalogue of products says of a code."""

    id: int
    sku: str
    name: str
    category: str
    kind: str
    excluded: bool


@dataclass(frozen=True, kw_only=True)
class LineState:
    """A sold line with how much of it has been refunded so far."""

    number: int
    kind: str
    quantity_milli: int
    net_minor: int
    refunded_milli: int
    refunded_minor: int
    paid_minor: int = 0

    @property
    def cash_minor(self) -> int:
        """What of the refunds so far is money: ``floor(paid in money x refunded / net)``.

        Cumulative, so that all refunds together give back exactly what was paid in money.
        """
        if self.net_minor == 0:
            return 0
        return (self.net_minor - self.paid_minor) * self.refunded_minor // self.net_minor

    @property
    def portion(self) -> Fraction:
        """How much of the line's cause is gone: by quantity or by money, whichever is more."""
        by_quantity = Fraction(self.refunded_milli, self.quantity_milli or 1)
        by_money = Fraction(self.refunded_minor, self.net_minor) if self.net_minor else Fraction(0)
        return min(max(by_quantity, by_money), Fraction(1))

    @property
    def left_minor(self) -> int:
        """What can still be refunded."""
        return self.net_minor - self.refunded_minor


@dataclass(frozen=True, kw_only=True)
class LineRefund:
    """What a refund takes off one line: a quantity, or an amount, or (both ``None``) the rest."""

    number: int
    quantity_milli: int | None = None
    amount_minor: int | None = None


def sale_lines(
    inputs: Sequence[LineInput],
    *,
    products: Mapping[str, ProductView],
    discount_minor: int,
    earn_on_tax: bool,
) -> tuple[SaleLine, ...]:
    """The lines of a sale, with a discount on the whole bill split over the goods to the last dong.

    Raises ``Invalid`` naming the line at fault.
    """
    if not 1 <= len(inputs) <= MAX_LINES:
        raise Invalid(
            "bad_line_count",
            _("A sale has 1 to %(n)s lines.") % {"n": MAX_LINES},
            field="lines",
        )
    lines = [
        _line(i, one, products.get(one.sku), earn_on_tax) for i, one in enumerate(inputs, start=1)
    ]
    # Each line is bounded by itself; so are all of them together.
    check_minor(sum(line.net_minor for line in lines), field="lines")
    goods = [line for line in lines if line.kind == GOODS]
    worth = [line.net_minor for line in goods]
    if discount_minor > sum(worth):
        raise Invalid(
            "discount_too_large",
            _("The discount is larger than the goods it applies to."),
            field="discount_minor",
        )
    off = dict(zip((line.number for line in goods), split(discount_minor, worth), strict=True))
    return tuple(line.cheaper(off.get(line.number, 0)) for line in lines)


def _line(number: int, one: LineInput, product: ProductView | None, earn_on_tax: bool) -> SaleLine:
    where = f"lines.{number - 1}"
    check_minor(one.net_minor, field=f"{where}.net_minor")
    check_minor(one.tax_minor, field=f"{where}.tax_minor", maximum=max(one.net_minor, 0))
    check_minor(one.discount_minor, field=f"{where}.discount_minor")
    check_minor(
        one.quantity_milli,
        field=f"{where}.quantity",
        minimum=1,
        maximum=MAX_QUANTITY_MILLI,
    )
    kind = one.kind or (product.kind if product else GOODS)
    excluded = product.excluded if product else False
    earning = one.net_minor if earn_on_tax else one.net_minor - one.tax_minor
    return SaleLine(
        number=number,
        sku=one.sku,
        name=one.name or (product.name if product else ""),
        categories=tuple(filter(None, [one.category or (product.category if product else "")])),
        kind=kind,
        quantity_milli=one.quantity_milli,
        net_minor=one.net_minor,
        discount_minor=one.discount_minor,
        tax_minor=one.tax_minor,
        earning_minor=earning if kind == GOODS and not excluded else 0,
        excluded=excluded,
    )


def plan_refund(
    lines: Sequence[LineState],
    *,
    requested: Sequence[LineRefund] = (),
    amount_minor: int | None = None,
) -> dict[int, LineState]:
    """The lines as they stand after a refund; only those that change.

    By lines (a quantity, an amount or the rest of each), by a free amount (goods first, in
    proportion to what is left of them, then the rest), or, with neither, everything that is left.

    Raises ``Invalid`` or ``Refused`` (``refund_exceeds_purchase``, ``already_refunded``).
    """
    if all(_done(line) for line in lines):
        raise Refused(
            "already_refunded",
            _("This purchase is refunded completely already."),
            field="purchase",
        )
    if requested and amount_minor is not None:
        raise Invalid(
            "lines_or_amount",
            _("Refund either lines or an amount, not both."),
            field="lines",
        )
    if requested:
        return _by_lines(lines, requested)
    if amount_minor is not None:
        return _by_amount(lines, amount_minor)
    return {line.number: _rest(line) for line in lines if not _done(line)}


def _by_lines(lines: Sequence[LineState], requested: Sequence[LineRefund]) -> dict[int, LineState]:
    known = {line.number: line for line in lines}
    after: dict[int, LineState] = {}
    for index, one in enumerate(requested):
        where = f"lines.{index}"
        line = after.get(one.number) or known.get(one.number)
        if line is None:
            raise Invalid(
                "unknown_line",
                _("This purchase has no such line."),
                field=f"{where}.line",
            )
        if one.quantity_milli is not None and one.amount_minor is not None:
            raise Invalid(
                "quantity_or_amount",
                _("Refund either a quantity of this line or an amount, not both."),
                field=f"{where}.amount_minor",
            )
        if one.quantity_milli is not None:
            after[line.number] = _by_quantity(line, one.quantity_milli, where)
        elif one.amount_minor is not None:
            check_minor(one.amount_minor, field=f"{where}.amount_minor", minimum=1)
            if one.amount_minor > line.left_minor:
                raise _too_much(line.left_minor, f"{where}.amount_minor")
            after[line.number] = replace(
                line, refunded_minor=line.refunded_minor + one.amount_minor
            )
        elif _done(line):
            raise Refused(
                "already_refunded",
                _("This line is refunded already."),
                field=f"{where}.line",
            )
        else:
            after[line.number] = _rest(line)
    return after


def _by_quantity(line: LineState, quantity_milli: int, where: str) -> LineState:
    field = f"{where}.quantity"
    check_minor(quantity_milli, field=field, minimum=1, maximum=MAX_QUANTITY_MILLI)
    gone = line.refunded_milli + quantity_milli
    if gone > line.quantity_milli:
        left = (line.quantity_milli - line.refunded_milli) / 1000
        raise Refused(
            "refund_exceeds_purchase",
            _("Only %(left)g of this line are left to refund.") % {"left": left},
            field=field,
            params={"left": left},
        )
    if line.net_minor and _done(line):
        raise Refused(
            "already_refunded", _("This line is refunded already."), field=f"{where}.line"
        )
    # Cumulative floor, so that the last unit brings the rest and nothing is lost to rounding. What
    # was given back as an amount before stays given: the order of refunds does not matter.
    before = line.net_minor * line.refunded_milli // line.quantity_milli
    worth = line.net_minor * gone // line.quantity_milli - before
    refunded = min(line.refunded_minor + worth, line.net_minor)
    return replace(line, refunded_milli=gone, refunded_minor=refunded)


def _by_amount(lines: Sequence[LineState], amount_minor: int) -> dict[int, LineState]:
    check_minor(amount_minor, field="amount_minor", minimum=1, maximum=MAX_MINOR)
    left = sum(line.left_minor for line in lines)
    if amount_minor > left:
        raise _too_much(left, "amount_minor")
    goods = [line for line in lines if line.kind == GOODS and line.left_minor]
    others = [line for line in lines if line.kind != GOODS and line.left_minor]
    of_goods = min(amount_minor, sum(line.left_minor for line in goods))
    after = {}
    for group, amount in ((goods, of_goods), (others, amount_minor - of_goods)):
        parts = split(amount, [line.left_minor for line in group])
        for line, part in zip(group, parts, strict=True):
            if part:
                after[line.number] = replace(line, refunded_minor=line.refunded_minor + part)
    return after


def _rest(line: LineState) -> LineState:
    return replace(line, refunded_milli=line.quantity_milli, refunded_minor=line.net_minor)


def _done(line: LineState) -> bool:
    if line.net_minor:
        return line.refunded_minor >= line.net_minor
    return line.refunded_milli >= line.quantity_milli


def _too_much(left: int, field: str) -> Refused:
    return Refused(
        "refund_exceeds_purchase",
        _("Only %(left)s are left to refund.") % {"left": left},
        field=field,
        params={"left": left},
    )
