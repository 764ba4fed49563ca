"""Recorded sales as the engine and the commands see them, and what a basket needs to know."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.engine.activity import Sale, SaleLine
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.effects import Applied
from loyalty.engine.models import AppliedEffect
from loyalty.engine.results import stored_effect_view
from loyalty.ledger.selectors import balances
from loyalty.sales.models import Product, Purchase, PurchaseLine
from loyalty.sales.results import BalanceView, PurchaseResult, on_top_minor, priced_lines
from loyalty.sales.rules import ProductView
from loyalty.tenancy.models import Location


def location_of(public_id: str) -> Location:
    """A location of the programme. Raises ``NotFound``."""
    found: Location | None = Location.objects.filter(public_id=public_id, is_active=True).first()
    if found is None:
        raise NotFound("location_not_found", _("There is no such location."), field="location")
    return found


def products_by_sku(skus: set[str]) -> dict[str, ProductView]:
    """What is known of these product codes; unknown codes are left out. One query."""
    if not skus:
        return {}
    rows = Product.objects.select_related("category").filter(sku__in=skus)
    return {
        row.sku: ProductView(
            id=row.pk,
            sku=row.sku,
            name=row.name,
            category=row.category.code if row.category else "",
            kind=row.kind,
            excluded=row.excluded,
        )
        for row in rows
    }


def prices_of(skus: set[str]) -> dict[str, int]:
    """Today's price of these products; what is unknown or not on sale is left out. One query."""
    rows = Product.objects.filter(sku__in=skus, is_active=True)
    return dict(rows.values_list("sku", "price_minor"))


def sale_of(purchase: Purchase, lines: Iterable[PurchaseLine]) -> Sale:
    """The frozen sale of a purchase, as it stood when it was recorded."""
    return Sale(
        currency=purchase.currency,
        lines=tuple(
            SaleLine(
                number=line.number,
                sku=line.sku,
                name=line.name,
                categories=(line.category,) if line.category else (),
                kind=line.kind,
                quantity_milli=line.quantity_milli,
                net_minor=line.net_minor,
                discount_minor=line.discount_minor,
                tax_minor=line.tax_minor,
                earning_minor=line.earning_minor,
                excluded=line.excluded,
            )
            for line in lines
        ),
        paid_with_points_minor=purchase.points_paid_minor,
        paid_with_vouchers_minor=purchase.vouchers_paid_minor,
        paid_with_credit_minor=purchase.credit_paid_minor,
        settled=True,
    )


def applied_effects(activity_id: int, world: DatabaseWorld) -> list[Applied]:
    """The records of an activity's effects, oldest first, with their entries. Two queries."""
    return world.records(AppliedEffect.objects.filter(activity=activity_id).order_by("id"))


def recorded(purchase: Purchase, *, duplicate: bool = False) -> PurchaseResult:
    """A purchase recorded before, as its first answer had it, with today's balances."""
    rows = AppliedEffect.objects.select_related("entry").filter(activity=purchase.activity_id)
    effects = tuple(stored_effect_view(row) for row in rows.order_by("id"))
    return PurchaseResult(
        purchase=purchase.public_id,
        member=purchase.member.public_id,
        receipt=purchase.receipt,
        currency=purchase.currency,
        total_minor=purchase.total_minor,
        discount_minor=purchase.discount_minor,
        points_paid_minor=purchase.points_paid_minor,
        vouchers_paid_minor=purchase.vouchers_paid_minor,
        credit_paid_minor=purchase.credit_paid_minor,
        to_pay_minor=purchase.to_pay_minor,
        happened_at=purchase.happened_at,
        effects=effects,
        balances=tuple(
            BalanceView(
                asset=one.asset,
                balance=one.balance,
                available=one.available,
                pending=one.pending,
                debt=one.debt,
            )
            for one in balances(holder_id=purchase.member.holder_id)
        ),
        lines=priced_lines(sale_of(purchase, purchase.lines.order_by("number"))),
        duplicate=duplicate,
        on_top_minor=on_top_minor(effects),
    )
