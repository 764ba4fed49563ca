"""Recording sales: the same path for till, API, portal and import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.errors import Conflict, Invalid, Refused
from loyalty.common.money import check_currency, check_minor
from loyalty.common.public_ids import new_id
from loyalty.engine.activity import PURCHASE, ActivityData, Sale
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.models import Activity
from loyalty.engine.plug import rulebook
from loyalty.engine.run import Outcome, run
from loyalty.engine.services import check_happened_at
from loyalty.outbox.services import publish
from loyalty.sales import selectors
from loyalty.sales.models import LineKind, Purchase, PurchaseLine
from loyalty.sales.results import (
    PurchaseResult,
    balance_views,
    effect_views,
    on_top_minor,
    priced_lines,
)
from loyalty.sales.rules import (
    LineInput,
    sale_lines,
)
from loyalty.tenancy.inserts import Insert
from loyalty.tenancy.models import Staff
from loyalty.tenancy.places import public_location, public_merchant
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock

_ACTIVITIES = Insert(Activity)
_PURCHASES = Insert(Purchase)
_LINES = Insert(PurchaseLine)
# A till's clock may run ahead of ours by this much; more is refused.


@dataclass(frozen=True, kw_only=True)
class SaleInput:
    """A sale as it comes in: a basket, or just a total.

    Args:
        total_minor: what the goods cost together, where there are no lines.
        discount_minor: off the whole bill, split over the goods.
        use: what the member wants to pay with: ``{"points": 500, "vouchers": ["CODE"]}``.
        happened_at: when, if not now; never in the future.
        settled: paid already at exactly this price: no discount of the programme lowers it.
        is_order: an app of ours sold it; a card that was put on hold meanwhile has it all the same.
        charge: the bill such an order was paid by.
    """

    lines: tuple[LineInput, ...] = ()
    total_minor: int | None = None
    currency: str = ""
    discount_minor: int = 0
    receipt: str = ""
    location: str = ""
    happened_at: datetime | None = None
    use: Mapping[str, Any] = field(default_factory=dict)
    settled: bool = False
    is_order: bool = False
    charge: str = ""


def _same_receipt(
    call: Call, error: IntegrityError, *, member: str, sale: SaleInput, source: str = "api"
) -> PurchaseResult:
    """A receipt recorded before: the same sale again is no error, another amount is."""
    earlier = (
        Purchase.objects.select_related("member")
        .filter(merchant=call.actor.merchant_id, receipt=sale.receipt)
        .first()
    )
    if not sale.receipt or earlier is None:
        raise error
    total = sale.total_minor or sum(line.net_minor + line.discount_minor for line in sale.lines)
    given = earlier.total_minor + earlier.discount_minor
    if earlier.member.public_id != member or given != total:
        raise Conflict(
            "receipt_already_recorded",
            _("Receipt %(receipt)s is recorded already, with another amount or member.")
            % {"receipt": sale.receipt},
            field="receipt",
            params={"purchase": earlier.public_id},
        )
    return selectors.recorded(earlier, duplicate=True)


@command(
    "sales.record_purchase",
    label=_("Sale recorded"),
    permission="purchases:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
    recover=_same_receipt,
)
def record_purchase(
    ctx: Context, *, member: str, sale: SaleInput, source: str = "api"
) -> PurchaseResult:
    """Record a sale to a member and everything it earns, stamps and pays with.

    Raises ``NotFound`` (member, location), ``Invalid`` (naming the field), ``Refused`` (points or
    voucher cannot be used) and ``Conflict`` (receipt with another amount).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    prepared = prepare(sale, actor=ctx.actor, member=row, now=ctx.now)
    activity = Activity(
        programme=ctx.programme,
        public_id=prepared.activity.public_id,
        member=row,
        type=PURCHASE,
        key=prepared.activity.key,
        happened_at=prepared.activity.happened_at,
        recorded_at=ctx.now,
        merchant_id=ctx.actor.merchant_id,
        location_id=prepared.location_id,
        data={"own_card": True} if _is_own_card(ctx, row) else {},
    )
    _ACTIVITIES.keep([activity])
    world = DatabaseWorld.within(ctx, row, location_id=prepared.location_id)
    world.row = activity
    outcome = run(world, prepared.activity)
    refuse_unclaimed(sale, outcome)
    purchase = purchase_row(
        ctx,
        prepared,
        outcome,
        activity=activity,
        member=row,
        source=source,
        receipt=sale.receipt,
        charge=sale.charge,
    )
    keep_purchases([purchase], line_rows(purchase, prepared, outcome))
    result = purchase_result(purchase, outcome, world)
    world.write(ctx)
    publish(
        ctx,
        "purchase.recorded",
        subject=row.public_id,
        data={"purchase": purchase.public_id, "member": row.public_id},
    )
    if activity.data:
        publish(
            ctx,
            "purchase.flagged",
            subject=row.public_id,
            data={"purchase": purchase.public_id, "member": row.public_id, "signal": "own_card"},
        )
    ctx.about(
        purchase.public_id,
        member=row.public_id,
        total_minor=purchase.total_minor,
        **activity.data,
    )
    return result


def _is_own_card(ctx: Context, member: Member) -> bool:
    """Does someone at a till record a sale to their own card? Allowed, and shown to the owner."""
    if ctx.actor.kind != "staff" or member.user_id is None:
        return False
    return Staff.objects.filter(public_id=ctx.actor.id, user=member.user_id).exists()


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A sale checked and turned into an activity, with what its rows will need."""

    activity: ActivityData
    location_id: int | None
    product_ids: Mapping[str, int]


def prepare(sale: SaleInput, *, actor: Actor, member: Member, now: datetime) -> Prepared:
    """Check a sale and freeze it into an activity. At most two queries.

    A sale without a location happened where the actor works.
    """
    programme = actor.programme
    # A card on hold cannot be used at a till; what it paid for elsewhere is still its holder's.
    is_kept = member.state == Member.State.HELD and sale.is_order
    if member.state != Member.State.ACTIVE and not is_kept:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": member.get_state_display()},
            field="member",
        )
    currency = check_currency(sale.currency or programme.currency)
    if currency != programme.currency:
        raise Invalid(
            "wrong_currency",
            _("This programme counts in %(currency)s.") % {"currency": programme.currency},
            field="currency",
        )
    happened_at = check_happened_at(sale.happened_at, now=now)
    location_id, location = actor.location_id, sale.location
    if location:
        location_id = selectors.location_of(location).pk
    elif location_id:
        location = public_location(location_id)
    inputs = _inputs(sale)
    products = selectors.products_by_sku({line.sku for line in inputs if line.sku})
    check_minor(sale.discount_minor, field="discount_minor")
    lines = sale_lines(
        inputs,
        products=products,
        discount_minor=sale.discount_minor,
        earn_on_tax=programme.earn_on_tax,
    )
    purchase_id = new_id("pur")
    activity = ActivityData(
        type=PURCHASE,
        key=purchase_id,
        public_id=purchase_id,
        happened_at=happened_at,
        merchant=public_merchant(actor.merchant_id) if actor.merchant_id else "",
        location=location,
        sale=Sale(currency=currency, lines=lines, settled=sale.settled),
        data={"use": dict(sale.use)},
    )
    return Prepared(
        activity=activity,
        location_id=location_id,
        product_ids={sku: product.id for sku, product in products.items()},
    )


def _inputs(sale: SaleInput) -> Sequence[LineInput]:
    if sale.lines and sale.total_minor is not None:
        raise Invalid("lines_or_total", _("Give either lines or a total."), field="total_minor")
    if sale.lines:
        return sale.lines
    if sale.total_minor is None:
        raise Invalid("no_lines", _("Give the lines of the sale or its total."), field="lines")
    check_minor(sale.total_minor, field="total_minor", minimum=1)
    return [LineInput(net_minor=sale.total_minor)]


def refuse_unclaimed(sale: SaleInput, outcome: Outcome) -> None:
    """Raise where points or vouchers were to be used and no mechanic took them up."""
    claimed = {one.memo.get("claims") for one in outcome.effects}
    for name, value in sale.use.items():
        if value and name not in claimed:
            programme = current_programme()
            book = rulebook(programme.pk, programme.rules_version)
            ways = [way for mechanic, rules in book for way in mechanic.ways_to_pay(rules)]
            text = (
                _("This programme does not take “%(name)s” as payment. It takes: %(ways)s.")
                if ways
                else _("This programme does not take “%(name)s” as payment.")
            )
            raise Refused(
                "cannot_be_used",
                text % {"name": name[:40], "ways": ", ".join(ways)},
                field=f"use.{name}",
                params={"known": ways},
            )


def purchase_row(
    ctx: Context,
    prepared: Prepared,
    outcome: Outcome,
    *,
    activity: Activity,
    member: Member,
    source: str,
    receipt: str = "",
    charge: str = "",
) -> Purchase:
    """The row of a purchase, as its sale stood after pricing and paying."""
    sale = outcome.activity.sale
    assert sale is not None
    goods = [line for line in sale.lines if line.kind == LineKind.GOODS]
    net = sum(line.net_minor for line in goods)
    return Purchase(
        programme=ctx.programme,
        public_id=prepared.activity.public_id,
        member=member,
        merchant_id=ctx.merchant_id,
        location_id=prepared.location_id,
        activity=activity,
        source=source,
        receipt=receipt or prepared.activity.public_id,
        charge=charge,
        currency=sale.currency,
        net_minor=net,
        tax_minor=sum(line.tax_minor for line in goods),
        discount_minor=sale.discount_minor,
        extras_minor=sum(line.net_minor for line in sale.lines) - net,
        points_paid_minor=sale.paid_with_points_minor,
        vouchers_paid_minor=sale.paid_with_vouchers_minor,
        credit_paid_minor=sale.paid_with_credit_minor,
        recorded_by=ctx.actor.label[:200],
        happened_at=prepared.activity.happened_at,
        recorded_at=ctx.now,
    )


def keep_purchases(purchases: Sequence[Purchase], lines: Sequence[PurchaseLine]) -> None:
    """Insert purchases and their lines. Two queries."""
    _PURCHASES.keep(purchases)
    for line in lines:
        line.purchase_id = line.purchase.pk
    _LINES.keep(lines)


def line_rows(purchase: Purchase, prepared: Prepared, outcome: Outcome) -> list[PurchaseLine]:
    """The rows of a purchase's lines."""
    assert outcome.activity.sale is not None
    return [
        PurchaseLine(
            programme_id=purchase.programme_id,
            purchase=purchase,
            number=line.number,
            product_id=prepared.product_ids.get(line.sku),
            sku=line.sku,
            name=line.name,
            category=line.categories[0] if line.categories else "",
            kind=line.kind,
            excluded=line.excluded,
            quantity_milli=line.quantity_milli,
            net_minor=line.net_minor,
            tax_minor=line.tax_minor,
            discount_minor=line.discount_minor,
            earning_minor=line.earning_minor,
            paid_minor=line.paid_minor,
        )
        for line in outcome.activity.sale.lines
    ]


def purchase_result(purchase: Purchase, outcome: Outcome, world: DatabaseWorld) -> PurchaseResult:
    """What the till shows of a purchase or a quote."""
    effects = effect_views(outcome.effects)
    return PurchaseResult(
        purchase=purchase.public_id,
        member=world.member.public_id,
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
        balances=balance_views(world.book),
        lines=priced_lines(outcome.activity.sale),
        on_top_minor=on_top_minor(effects),
    )
