"""The returns of one wave: matched to purchases, then refunded by the rule of that day.

A returned receipt names no purchase; ``matching`` says which lines it undoes. Each purchase it
touches gets one refund, which undoes effects by the cumulative share, as any refund does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.commands.decorator import Context
from loyalty.engine.effects import Undone
from loyalty.engine.run import undo
from loyalty.sales.imports.incoming import Done, Return
from loyalty.sales.imports.matching import OpenLine, Wanted, match_cancellation
from loyalty.sales.imports.worlds import BatchWorld
from loyalty.sales.models import LineKind, Purchase, PurchaseLine, Refund
from loyalty.sales.rules import LineRefund, plan_refund
from loyalty.sales.selectors import applied_effects, line_state, sale_of


@dataclass
class _Written:
    """Rows of a wave's refunds, to be written together."""

    refunds: list[Refund]
    lines: list[PurchaseLine]
    purchases: list[Purchase]
    undone: list[Undone]


def return_goods(ctx: Context, wave: Sequence[tuple[Return, BatchWorld]]) -> list[Undone]:
    """Match and refund the returns of a wave (one per holder); fills each return's ``done``.

    The answer is to be saved after the worlds are written.
    """
    if not wave:
        return []
    pool = open_lines(
        [item.member.pk for item, _world in wave],
        {line.product_code for item, _world in wave for line in item.lines},
    )
    for item, _world in wave:
        item.done = Done(matches=match_cancellation(wanted(item), pool.get(item.member.pk, [])))
    parts = [taken_by_line(item.done) for item, _world in wave]
    sold = _sold_lines({line for one in parts for line in one})
    written = _Written([], [], [], [])
    for (item, world), one in zip(wave, parts, strict=True):
        for lines in sold.values():
            requested = tuple(
                LineRefund(number=line.number, quantity_milli=one[line.pk])
                for line in lines
                if line.pk in one
            )
            if requested:
                refund = _refund_purchase(ctx, item, world, lines, requested, written)
                item.done.refunds += 1
                item.done.refunded_minor += refund.amount_minor
    _write(written)
    return written.undone


def wanted(item: Return) -> list[Wanted]:
    """The lines of a return as the matching wants them."""
    at = int(item.receipt.happened_at.timestamp())
    return [
        Wanted(
            row=line.row,
            product_code=line.product_code,
            unit_price_minor=line.unit_price_minor,
            quantity_milli=-line.quantity_milli,
            at=at,
        )
        for line in item.lines
    ]


def open_lines(members: Sequence[int], codes: set[str]) -> dict[int, list[OpenLine[int]]]:
    """What these members bought of these goods, oldest first, by member. Two queries."""
    # By the purchases of these (locked) members: the line itself does not know its member, and
    # asking for all lines of the programme would cost more with every receipt.
    purchases = Purchase.objects.filter(member__in=members).values_list("pk", flat=True)
    rows = (
        PurchaseLine._base_manager.filter(
            purchase__in=list(purchases), sku__in=codes, kind=LineKind.GOODS
        )
        .order_by("purchase__happened_at", "purchase", "number")
        .select_related("purchase")
    )
    pool: dict[int, list[OpenLine[int]]] = {}
    for row in rows:
        worth, quantity = row.net_minor + row.discount_minor, row.quantity_milli
        paid_back = bool(row.net_minor) and row.refunded_minor >= row.net_minor
        pool.setdefault(row.purchase.member_id, []).append(
            OpenLine(
                key=row.pk,
                product_code=row.sku,
                unit_price_minor=(worth * 2000 + quantity) // (2 * quantity),
                open_milli=0 if paid_back else quantity - row.refunded_milli,
                at=int(row.purchase.happened_at.timestamp()),
            )
        )
    return pool


def taken_by_line(done: Done) -> dict[int, int]:
    """Thousandths to take off each sold line."""
    parts: dict[int, int] = {}
    for match in done.matches:
        for taken in match.taken:
            parts[taken.key] = parts.get(taken.key, 0) + taken.quantity_milli
    return parts


def _sold_lines(keys: set[int]) -> dict[int, list[PurchaseLine]]:
    """All lines of the purchases these lines belong to, by purchase."""
    purchases = PurchaseLine.objects.filter(pk__in=keys).values("purchase")
    rows = (
        PurchaseLine.objects.filter(purchase__in=purchases)
        .select_related("purchase__activity")
        .order_by("purchase", "number")
    )
    found: dict[int, list[PurchaseLine]] = {}
    shared: dict[int, Purchase] = {}
    for row in rows:
        row.purchase = shared.setdefault(row.purchase_id, row.purchase)
        found.setdefault(row.purchase_id, []).append(row)
    return found


def _refund_purchase(
    ctx: Context,
    item: Return,
    world: BatchWorld,
    lines: list[PurchaseLine],
    requested: tuple[LineRefund, ...],
    written: _Written,
) -> Refund:
    purchase = lines[0].purchase
    states = [line_state(line) for line in lines]
    after = plan_refund(states, requested=requested)
    by_number = {line.number: line for line in lines}
    place = item.earlier + item.done.refunds
    number = item.receipt.number
    refund = Refund(
        programme=ctx.programme,
        purchase=purchase,
        merchant_id=ctx.merchant_id,
        receipt=number if place == 0 else f"{number}/{place + 1}",
        amount_minor=0,
        cash_minor=0,
        lines=[],
        recorded_by=ctx.actor.label[:200],
        happened_at=item.receipt.happened_at,
        recorded_at=ctx.now,
    )
    sale = sale_of(purchase, lines)
    for changed, state in after.items():
        line = by_number[changed]
        refund.lines.append(
            {
                "number": changed,
                "quantity_milli": state.refunded_milli - line.refunded_milli,
                "amount_minor": state.refunded_minor - line.refunded_minor,
            }
        )
        refund.amount_minor += state.refunded_minor - line.refunded_minor
        refund.cash_minor += state.cash_minor - line_state(line).cash_minor
        line.refunded_milli, line.refunded_minor = state.refunded_milli, state.refunded_minor
        written.lines.append(line)
    world.row = purchase.activity
    world.about(refund.public_id, refund.happened_at)
    effects = applied_effects(purchase.activity_id, world)
    portions = {state.number: after.get(state.number, state).portion for state in states}
    written.undone += undo(world, effects, sale, portions)
    purchase.refunded_minor += refund.amount_minor
    written.purchases.append(purchase)
    written.refunds.append(refund)
    return refund


def _write(written: _Written) -> None:
    Refund.objects.bulk_create(written.refunds)
    PurchaseLine.objects.bulk_update(written.lines, ["refunded_milli", "refunded_minor"])
    Purchase.objects.bulk_update(written.purchases, ["refunded_minor"])
