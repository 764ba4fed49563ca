"""Statements settled: one payment each, of exactly what is due, under a reference that counts once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.coalition.models import ClearingPayment, Statement
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Conflict, Invalid, Refused
from loyalty.common.money import check_minor
from loyalty.outbox.services import publish


@dataclass(frozen=True, kw_only=True)
class ClearingPaymentView:
    """Money handed over for a statement: ``paid_by`` is ``merchant`` or ``programme``."""

    id: str
    statement: str
    amount_minor: int
    paid_by: str
    reference: str
    paid_on: date
    recorded_by: str
    recorded_at: datetime


def view_of(row: ClearingPayment) -> ClearingPaymentView:
    """A payment (with its statement loaded) as a value."""
    return ClearingPaymentView(
        id=row.public_id,
        statement=row.statement.public_id,
        amount_minor=row.amount_minor,
        paid_by="merchant" if row.statement.position_minor < 0 else "programme",
        reference=row.reference,
        paid_on=row.paid_on,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )


def _same_payment(
    call: Call,
    error: IntegrityError,
    *,
    statement: str,
    reference: str,
    amount_minor: int,
    **_rest: Any,
) -> ClearingPaymentView:
    """The same payment again is the same payment."""
    rows = ClearingPayment.objects.select_related("statement")
    found = rows.filter(reference=reference.strip()).first()
    if found is None:
        raise error
    if found.statement.public_id != statement or found.amount_minor != amount_minor:
        raise Conflict(
            "reference_used",
            _("A payment with this reference is recorded already, for something else."),
            field="reference",
            params={"payment": found.public_id},
        )
    return view_of(found)


@command(
    "coalition.record_payment",
    label=_("Statement of the coalition settled"),
    permission="coalition:transfer",
    lock=lambda *, statement, **_rest: Lock(
        rows=Statement.objects.select_related("run").filter(public_id=statement)
    ),
    recover=_same_payment,
)
def record_payment(
    ctx: Context,
    *,
    statement: str,
    amount_minor: int,
    reference: str,
    paid_on: date | None = None,
) -> ClearingPaymentView:
    """Record that a closed month's statement was paid, whichever way the money went.

    Raises ``NotFound``, ``Invalid``, ``Conflict`` (``reference_used``) and ``Refused``
    (``month_not_closed``, ``settled_already``, ``wrong_amount`` with what is ``due_minor``).
    """
    row = ctx.the_locked(Statement, code="statement_not_found", field="statement")
    text = reference.strip()
    if not 1 <= len(text) <= 80 or not text.isprintable():
        raise Invalid("required", _("Give 1 to 80 printable characters."), field="reference")
    check_minor(amount_minor, field="amount_minor", minimum=1)
    if ClearingPayment.objects.filter(reference=text).exists():
        raise IntegrityError("clearing_payment_reference_once")
    if row.state == Statement.State.DRAFT:
        raise Refused("month_not_closed", _("Close the month first."), field="statement")
    if row.state == Statement.State.SETTLED:
        raise Refused("settled_already", _("This statement is settled."), field="statement")
    if amount_minor != row.due_minor:
        raise Refused(
            "wrong_amount",
            _("Another amount is due on this statement. Record exactly that."),
            field="amount_minor",
            params={"due_minor": row.due_minor},
        )
    today = local_day(ctx.now, ctx.programme.timezone)
    if paid_on is not None and paid_on > today:
        raise Invalid("in_the_future", _("This day lies in the future."), field="paid_on")
    payment = ClearingPayment(
        programme=ctx.programme,
        statement=row,
        amount_minor=amount_minor,
        reference=text,
        paid_on=paid_on or today,
        recorded_by=ctx.actor.label[:200],
        recorded_at=ctx.now,
    )
    payment.save(force_insert=True)
    row.state = Statement.State.SETTLED
    row.save(update_fields=["state"])
    told = {"statement": row.public_id, "payment": payment.public_id, "amount_minor": amount_minor}
    publish(
        ctx,
        "coalition.settled",
        subject=row.public_id,
        data=told,
        merchant_id=row.merchant_id,
    )
    ctx.about(row.public_id, **told)
    return view_of(payment)
