"""Recording refunds: they undo what the purchase gave, by the rule of that day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.engine.database import DatabaseWorld, save_undone
from loyalty.engine.effects import Undone
from loyalty.engine.services import check_happened_at
from loyalty.engine.undoing import undo_activity
from loyalty.outbox.services import publish
from loyalty.payments.selectors import access_charge, refundable_minor, refunded_about
from loyalty.payments.services import refund_charge, the_charge
from loyalty.sales import selectors
from loyalty.sales.models import Purchase, PurchaseLine, Refund
from loyalty.sales.results import RefundResult, balance_views, undone_view
from loyalty.sales.rules import LineRefund, LineState, plan_refund
from loyalty.sales.selectors import line_state
from loyalty.web.formats import money_text


def _purchase_to_lock(purchase: str) -> Lock:
    rows = Purchase.objects.select_related("member__holder", "activity")
    return Lock(rows=rows.filter(public_id=purchase), of=("self", "member", "member__holder"))


def _same_refund(call: Call, error: IntegrityError, **_kwargs: Any) -> NoReturn:
    raise Conflict(
        "receipt_already_recorded",
        _("A refund with this receipt number is recorded already."),
        field="receipt",
    ) from error


@command(
    "sales.refund_purchase",
    label=_("Sale refunded"),
    permission="refunds:write",
    lock=lambda *, purchase, **_rest: _purchase_to_lock(purchase),
    recover=_same_refund,
)
def refund_purchase(
    ctx: Context,
    *,
    purchase: str,
    lines: tuple[LineRefund, ...] = (),
    amount_minor: int | None = None,
    receipt: str = "",
    reason: str = "",
    happened_at: datetime | None = None,
    at_bill: bool = False,
) -> RefundResult:
    """Refund a purchase: lines, an amount, or (with neither) all that is left.

    Where a bill paid for it, the money is written back there too, so that nobody gives it a second
    time; ``at_bill`` says that it went back there already.

    Undoes every effect by the cumulative share refunded, by the rule of that day. What points and
    vouchers had paid goes back as points and vouchers; ``cash_minor`` is what the customer gets in
    money. Raises ``NotFound``, ``Invalid`` and ``Refused`` (``refund_exceeds_purchase``,
    ``already_refunded``, ``refunded_at_bill``).
    """
    if purchase.startswith("ref_"):
        raise NotFound(
            "refund_of_refund",
            _("A refund cannot be refunded. Record a new sale."),
            field="purchase",
        )
    row = ctx.the_locked(Purchase, code="purchase_not_found", field="purchase")
    at = check_happened_at(happened_at, now=ctx.now)
    if at < row.happened_at:
        raise Invalid(
            "before_the_sale",
            _("This refund would lie before its sale. Check the time."),
            field="happened_at",
        )
    sold = {line.number: line for line in row.lines.order_by("number")}
    states = [line_state(line) for line in sold.values()]
    after = plan_refund(states, requested=lines, amount_minor=amount_minor)
    amount = sum(state.refunded_minor for state in after.values()) - sum(
        sold[number].refunded_minor for number in after
    )
    before = {state.number: state for state in states}
    refund = Refund(
        programme=ctx.programme,
        purchase=row,
        merchant_id=row.merchant_id,
        receipt=receipt,
        amount_minor=amount,
        cash_minor=sum(s.cash_minor - before[number].cash_minor for number, s in after.items()),
        lines=[_refunded(sold[number], state) for number, state in after.items()],
        reason=reason,
        recorded_by=ctx.actor.label[:200],
        happened_at=at,
        recorded_at=ctx.now,
    )
    undone, world = _undo(ctx, refund, sold, {**before, **after})
    _save_refund(refund, row, sold, after)
    world.write(ctx)
    save_undone(undone)
    _tell(ctx, refund)
    ctx.about(
        row.public_id, refund=refund.public_id, amount_minor=amount, cash_minor=refund.cash_minor
    )
    if row.charge and not at_bill:
        _write_back(ctx, refund)
    return _result(refund, undone, world)


def _write_back(ctx: Context, refund: Refund) -> None:
    """The till gave this money back, however it had come: the bill counts it as given back by hand."""
    sold, charge = refund.purchase, refund.purchase.charge
    bill = the_charge(ctx, charge)
    # A bill that paid for more has room for the others' money: this sale's own is what counts.
    left = sold.total_minor - refunded_about(bill, sold.receipt)
    most = max(min(refundable_minor(bill), left), 0)
    if refund.cash_minor > most:
        raise Refused(
            "refunded_at_bill",
            _("Of the bill of this sale at most %(most)s can still be given back.")
            % {"most": money_text(most, currency=sold.currency)},
            field="amount_minor",
            params={"charge": charge, "maximum": most},
        )
    if refund.cash_minor:
        refund_charge.within(
            ctx,
            charge=charge,
            amount_minor=refund.cash_minor,
            reason=refund.reason,
            by_hand=True,
            about=sold.receipt,
        )


@command(
    "sales.follow_bill",
    label=_("Sale refunded at its bill"),
    permission="refunds:write",
    lock=lambda *, purchase: _purchase_to_lock(purchase),
)
def follow_bill(ctx: Context, *, purchase: str) -> int:
    """Refund of a sale what was given back of the bill that paid for it; answers how much.

    What the till gives back is written into the bill at once, so the two differ by exactly what went
    back at the bill alone: safe to repeat, in whatever order the news comes. A bill that paid for more
    than this sale (several deliveries ahead) says nothing about it. Raises ``NotFound``.
    """
    row = ctx.the_locked(Purchase, code="purchase_not_found", field="purchase")
    bill = access_charge(row.charge)
    missing = bill.standing.given_back_minor - row.refunded_minor
    if bill.amount_minor != row.total_minor or missing <= 0:
        ctx.about(row.public_id, amount_minor=0)
        return 0
    refund_purchase.within(
        ctx, purchase=purchase, amount_minor=missing, reason="bill refunded", at_bill=True
    )
    return missing


def _tell(ctx: Context, refund: Refund) -> None:
    row = refund.purchase
    publish(
        ctx,
        "purchase.refunded",
        subject=row.member.public_id,
        data={
            "purchase": row.public_id,
            "refund": refund.public_id,
            "amount_minor": refund.amount_minor,
            "cash_minor": refund.cash_minor,
            "receipt": row.receipt,
            "refunded_minor": row.refunded_minor,
        },
        merchant_id=row.merchant_id,
    )


def _result(refund: Refund, undone: list[Undone], world: DatabaseWorld) -> RefundResult:
    row = refund.purchase
    return RefundResult(
        refund=refund.public_id,
        purchase=row.public_id,
        member=row.member.public_id,
        amount_minor=refund.amount_minor,
        cash_minor=refund.cash_minor,
        refunded_minor=row.refunded_minor,
        currency=row.currency,
        effects=tuple(undone_view(one) for one in undone),
        balances=balance_views(world.book),
        on_top_minor=sum(one.amount for one in undone if "on_top_minor" in one.applied.details),
    )


def _undo(
    ctx: Context, refund: Refund, sold: Mapping[int, PurchaseLine], after: Mapping[int, LineState]
) -> tuple[list[Undone], DatabaseWorld]:
    """Undo in the member's world what the lines, as they stand after the refund, gave."""
    row = refund.purchase
    row.activity.member = row.member  # the one that is locked, with its holder
    return undo_activity(
        ctx,
        row.activity,
        cause=refund.public_id,
        at=refund.happened_at,
        sale=selectors.sale_of(row, sold.values()),
        portions={number: state.portion for number, state in after.items()},
        location_id=row.location_id,
        merchant_id=row.merchant_id,
    )


def _refunded(line: PurchaseLine, after: LineState) -> dict[str, int]:
    return {
        "number": line.number,
        "quantity_milli": after.refunded_milli - line.refunded_milli,
        "amount_minor": after.refunded_minor - line.refunded_minor,
    }


def _save_refund(
    refund: Refund,
    purchase: Purchase,
    sold: Mapping[int, PurchaseLine],
    after: Mapping[int, LineState],
) -> None:
    refund.save(force_insert=True)
    for number, state in after.items():
        sold[number].refunded_milli = state.refunded_milli
        sold[number].refunded_minor = state.refunded_minor
    PurchaseLine.objects.bulk_update(
        [sold[number] for number in after], ["refunded_milli", "refunded_minor"]
    )
    purchase.refunded_minor += refund.amount_minor
    purchase.save(update_fields=["refunded_minor"])
