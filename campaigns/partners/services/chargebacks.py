"""Payments with a partner's card that came back: what they gave falls by the share, once for each id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Chargeback, PartnerTransaction
from campaigns.partners.services.transactions import (
    MAX_ID,
    checked_id,
    own_partner,
    sale_of,
)
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.engine.database import save_undone
from loyalty.engine.results import BalanceView, balance_views
from loyalty.engine.services import check_happened_at
from loyalty.engine.undoing import undo_activity
from loyalty.outbox.services import publish
from members.profiles.models import Member


@dataclass(frozen=True, kw_only=True)
class ChargebackResult:
    """What came back of a payment, and what of its effects fell (``points``: of points)."""

    id: str
    transaction: str
    of: str
    amount_minor: int
    refunded_minor: int
    points_taken: int
    balances: tuple[BalanceView, ...]
    duplicate: bool = False


def _transaction_to_lock(partner: str, of: str) -> Lock:
    found = PartnerTransaction.objects.filter(
        partner__public_id=partner, transaction=of.strip()[:MAX_ID]
    )
    members = set(found.values_list("member", "member__merged_into"))
    keys = {into or own for own, into in members}
    rows = Member.objects.select_related("holder").filter(pk__in=keys)
    return Lock(rows=rows, of=("self", "holder"))


def _same_chargeback(
    call: Call,
    error: IntegrityError,
    *,
    partner: str,
    transaction: str,
    of: str,
    amount_minor: int | None = None,
    **_rest: Any,
) -> ChargebackResult:
    rows = Chargeback.objects.select_related("of")
    row = rows.filter(partner__public_id=partner, transaction=transaction.strip()).first()
    if row is None:
        raise error
    if row.of.transaction != of.strip() or amount_minor not in (None, row.amount_minor):
        raise Conflict(
            "transaction_used",
            _("This id was told before, with another payment or amount."),
            field="transaction",
            params={"amount_minor": row.amount_minor},
        ) from error
    return _chargeback_result(row, points=0, balances=(), duplicate=True)


@command(
    "partners.charge_back",
    label=_("Payment with a partner's card came back"),
    permission="partner_transactions:write",
    lock=lambda *, partner, of, **_rest: _transaction_to_lock(partner, of),
    recover=_same_chargeback,
)
def charge_back(
    ctx: Context,
    *,
    partner: str,
    transaction: str,
    of: str,
    amount_minor: int | None = None,
    happened_at: datetime | None = None,
) -> ChargebackResult:
    """Take back what a payment gave, by the share of it that came back, by the rule of its day.

    Args:
        transaction: the partner's id of the chargeback or refund, once. ``of``: of the payment.
        amount_minor: all that is left unless told.

    Raises ``NotFound``, ``Invalid``, ``Conflict`` (``transaction_used``), ``Refused``
    (``refund_exceeds_purchase``, ``already_refunded``).
    """
    own = own_partner(ctx, partner)
    text = checked_id(transaction)
    if Chargeback.objects.filter(partner=own, transaction=text).exists():
        raise IntegrityError("chargeback_once")
    rows = PartnerTransaction.objects.select_related("partner", "card", "activity", "member")
    row = rows.filter(partner=own, transaction=of.strip()[:MAX_ID]).first()
    if row is None or not ctx.locked:
        raise NotFound("transaction_not_found", _("There is no such payment."), field="of")
    at = check_happened_at(happened_at, now=ctx.now)
    if at < row.happened_at:
        text_ = _("This would lie before its payment. Check the time.")
        raise Invalid("before_the_sale", text_, field="happened_at")
    left = row.amount_minor - row.refunded_minor
    amount = left if amount_minor is None else amount_minor
    if left == 0:
        raise Refused("already_refunded", _("All of it came back before."), field="of")
    check_minor(amount, field="amount_minor", minimum=1)
    if amount > left:
        raise Refused(
            "refund_exceeds_purchase",
            _("Of this payment only %(left)s is left.") % {"left": left},
            field="amount_minor",
            params={"left_minor": left},
        )
    back: Chargeback = Chargeback.objects.create(
        programme=ctx.programme,
        partner=own,
        of=row,
        transaction=text,
        amount_minor=amount,
        happened_at=at,
        recorded_at=ctx.now,
    )
    points, balances = _undo(ctx, row, back)
    told = {"partner": own.public_id, "transaction": row.transaction, "amount_minor": amount}
    publish(ctx, "partner.charged_back", subject=row.member.public_id, data=told)
    ctx.about(back.public_id, **told)
    return _chargeback_result(back, points=points, balances=balances)


def _undo(
    ctx: Context, row: PartnerTransaction, back: Chargeback
) -> tuple[int, tuple[BalanceView, ...]]:
    ctx.the_locked(Member, code="member_not_found", field="member")
    row.refunded_minor += back.amount_minor
    row.save(update_fields=["refunded_minor"])
    row.activity.member = row.member
    undone, world = undo_activity(
        ctx,
        row.activity,
        cause=back.public_id,
        at=back.happened_at,
        sale=sale_of(row.partner, row.amount_minor, currency=ctx.programme.currency),
        portions={1: Fraction(row.refunded_minor, row.amount_minor)},
    )
    balances = balance_views(world.book)
    world.write(ctx)
    save_undone(undone)
    return sum(one.amount for one in undone if one.applied.asset), balances


def _chargeback_result(
    row: Chargeback, *, points: int, balances: tuple[BalanceView, ...], duplicate: bool = False
) -> ChargebackResult:
    return ChargebackResult(
        id=row.public_id,
        transaction=row.transaction,
        of=row.of.transaction,
        amount_minor=row.amount_minor,
        refunded_minor=row.of.refunded_minor,
        points_taken=points,
        balances=balances,
        duplicate=duplicate,
    )
