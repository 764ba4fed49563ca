"""What a basket costs on a day: the same reckoning for a forecast, a quote and the closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiers.subscriptions.models import Item, OfferedProduct, Order, OrderLine, Subscription
from tiers.subscriptions.results import SubscriptionOrderLine
from tiers.subscriptions.rules.prices import Bill, Wanted, bill
from tiers.subscriptions.rules.terms import DELIVER, OfferTerms
from tiers.subscriptions.selectors.subscriptions import (
    ON_THE_WAY,
    holds_price,
    items_of,
    terms_now,
)

_COUNTING = (*ON_THE_WAY, Order.State.DELIVERED)


@dataclass(frozen=True, kw_only=True)
class Basket:
    """What of a basket can be had, and what not, with why."""

    wanted: tuple[Wanted, ...]
    missing: tuple[tuple[Wanted, str], ...]


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a delivery would be today."""

    lines: tuple[SubscriptionOrderLine, ...]
    goods_minor: int
    discount_bp: int
    discount_minor: int
    shipping_minor: int
    total_minor: int


def basket(items: Sequence[Item], *, holds: bool) -> Basket:
    """A basket sorted by what can be had today; ``holds``: at the prices that were kept."""
    wanted, missing = [], []
    for item in items:
        product = item.offered.product
        price = item.held_minor if holds and item.held_minor is not None else product.price_minor
        line = Wanted(sku=product.sku, name=product.name, quantity=item.quantity, price_minor=price)
        if item.offered.can_be_had:
            wanted.append(line)
        else:
            is_out = item.offered.state == OfferedProduct.State.OUT_OF_STOCK
            why = OrderLine.Missing.OUT_OF_STOCK if is_out else OrderLine.Missing.WITHDRAWN
            missing.append((line, str(why)))
    return Basket(wanted=tuple(wanted), missing=tuple(missing))


def price(
    row: Subscription, wanted: Sequence[Wanted], *, terms: OfferTerms, products: int, way: str = ""
) -> Bill:
    """A delivery of a subscription with these products; ``products`` come on that day in all."""
    return bill(
        wanted,
        terms=terms,
        committed_bp=row.committed_bp,
        products=products,
        shipping_minor=terms.shipping_minor if (way or row.way) == DELIVER else 0,
    )


def each_minor(
    row: Subscription, items: Sequence[Item], *, on: date, terms: OfferTerms | None = None
) -> int:
    """What one delivery of a basket costs as things stand, with what cannot be had today."""
    terms = terms or terms_now(row)
    found = basket(items, holds=holds_price(row, terms, on=on))
    wanted = [*found.wanted, *(line for line, _why in found.missing)]
    return price(row, wanted, terms=terms, products=len(wanted)).total_minor


def products_beside(order: Order) -> int:
    """How many products the member's other deliveries of the same offer bring on the same day."""
    others = Order.objects.select_related("subscription").filter(
        member=order.member_id,
        merchant=order.merchant_id,
        subscription__family=order.subscription.family,
        deliver_on=order.deliver_on,
    )
    others = others.exclude(pk=order.pk)
    lines = OrderLine.objects.filter(order__in=others.filter(state__in=_COUNTING), missing="")
    open_ones = others.filter(state=Order.State.UPCOMING)
    return lines.count() + sum(
        len(basket(items_of(one.subscription), holds=False).wanted) for one in open_ones
    )


def forecast(order: Order, *, terms: OfferTerms) -> Forecast:
    """What a delivery that can still be changed would be, were it closed now."""
    row = order.subscription
    found = basket(items_of(row), holds=holds_price(row, terms, on=order.deliver_on))
    products = len(found.wanted)
    if row.pays == Subscription.Pays.AHEAD:
        products += len(found.missing)
    elif terms.by_products:
        products += products_beside(order)
    made = price(row, found.wanted, terms=terms, products=products)
    lines = [
        SubscriptionOrderLine(
            sku=one.sku,
            name=one.name,
            quantity=one.quantity,
            price_minor=one.price_minor,
            discount_minor=one.discount_minor,
            net_minor=one.net_minor,
            missing="",
        )
        for one in made.lines
    ]
    lines += [
        SubscriptionOrderLine(
            sku=one.sku,
            name=one.name,
            quantity=one.quantity,
            price_minor=one.price_minor,
            discount_minor=0,
            net_minor=0,
            missing=why,
        )
        for one, why in found.missing
    ]
    return Forecast(
        lines=tuple(lines),
        goods_minor=made.goods_minor,
        discount_bp=made.discount_bp,
        discount_minor=made.discount_minor,
        shipping_minor=made.shipping_minor,
        total_minor=made.total_minor,
    )
