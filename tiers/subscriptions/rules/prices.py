"""What a delivery costs, and what leaving early costs. Integers in the currency's minor unit.

The discount of a delivery is ``floor(goods x discount / 10000)``, split over its lines by the largest
remainder, so that the lines add up to the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loyalty.common.money import split
from tiers.subscriptions.rules.terms import OfferTerms, Step, best_step


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """So many of a product at a price for one."""

    sku: str
    name: str
    quantity: int
    price_minor: int

    @property
    def gross_minor(self) -> int:
        """Before any discount."""
        return self.quantity * self.price_minor


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A line after its share of the discount."""

    sku: str
    name: str
    quantity: int
    price_minor: int
    discount_minor: int
    net_minor: int


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A delivery's price. ``other_bp``: what the discount would be without the commitment."""

    lines: tuple[Priced, ...]
    goods_minor: int
    discount_bp: int
    other_bp: int
    discount_minor: int
    shipping_minor: int

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return self.goods_minor - self.discount_minor + self.shipping_minor


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What a paid delivery had: goods before discount, the discount, and that without commitment."""

    goods_minor: int
    discount_minor: int
    other_bp: int


def bill(
    wanted: Sequence[Wanted],
    *,
    terms: OfferTerms,
    committed_bp: int,
    products: int,
    shipping_minor: int,
) -> Bill:
    """Price a delivery.

    Args:
        committed_bp: what the committed length takes off, 0 without one.
        products: how many products come on that day altogether, for ``by_products``.
    """
    other_bp = max(terms.discount_bp, best_step(terms.by_products, products))
    discount_bp = max(other_bp, committed_bp)
    gross = [one.gross_minor for one in wanted]
    discount = discount_of(sum(gross), discount_bp)
    parts = split(discount, gross)
    lines = tuple(
        Priced(
            sku=one.sku,
            name=one.name,
            quantity=one.quantity,
            price_minor=one.price_minor,
            discount_minor=off,
            net_minor=one.gross_minor - off,
        )
        for one, off in zip(wanted, parts, strict=True)
    )
    return Bill(
        lines=lines,
        goods_minor=sum(gross),
        discount_bp=discount_bp,
        other_bp=other_bp,
        discount_minor=discount,
        shipping_minor=shipping_minor if wanted else 0,
    )


def discount_of(goods_minor: int, discount_bp: int) -> int:
    """``floor(goods x discount / 10000)``."""
    return goods_minor * discount_bp // 10_000


def difference(deliveries: Iterable[Delivered], *, kept_months: int, steps: Iterable[Step]) -> int:
    """What was saved beyond the length that was kept: charged back by offers that say so.

    For each delivery: the discount it had, less the one that ``kept_months`` earn (or that it would
    have had without commitment), never below zero.
    """
    earned_bp = best_step(steps, kept_months)
    return sum(
        max(one.discount_minor - discount_of(one.goods_minor, max(one.other_bp, earned_bp)), 0)
        for one in deliveries
    )
