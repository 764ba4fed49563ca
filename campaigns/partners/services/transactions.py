"""Payments with a partner's card: each of the partner's ids earns once, and comes back exactly.

A payment is an activity ``partner.transaction`` with a sale of one line, whose category is
``partner:<code>``: every mechanic that listens to it answers as it would a purchase.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Chargeback, Partner, PartnerCard, PartnerTransaction
from campaigns.partners.rules.bonus import TRANSACTION
from campaigns.partners.selectors.partners import access_partner, meant_partner
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.engine.activity import ActivityData, Sale, SaleLine
from loyalty.engine.database import DatabaseWorld, save_undone
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.engine.results import BalanceView, EffectView, balance_views, effect_views
from loyalty.engine.run import run, undo
from loyalty.outbox.services import publish
from members.profiles.models import Member

CLOCK_SKEW = timedelta(minutes=5)
MAX_ID = 60


@dataclass(frozen=True, kw_only=True)
class TransactionResult:
    """A card payment and all it had for effects; a repeated id is ``duplicate`` and had none."""

    id: str
    transaction: str
    partner: str
    card: str
    amount_minor: int
    refunded_minor: int
    happened_at: datetime
    effects: tuple[EffectView, ...]
    balances: tuple[BalanceView, ...]
    duplicate: bool = False


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


def _card_to_lock(partner: str, card: str) -> Lock:
    found = PartnerCard.objects.filter(partner__public_id=partner, reference=card.strip()[:80])
    members = set(found.values_list("member", "member__merged_into"))
    keys = {into or own for own, into in members}
    rows = Member.objects.select_related("holder").filter(pk__in=keys)
    return Lock(rows=rows, of=("self", "holder"))


def _same_transaction(
    call: Call,
    error: IntegrityError,
    *,
    partner: str,
    transaction: str,
    card: str,
    amount_minor: int,
    **_rest: Any,
) -> TransactionResult:
    rows = PartnerTransaction.objects.select_related("partner", "card")
    row = rows.filter(partner__public_id=partner, transaction=transaction.strip()).first()
    if row is None:
        raise error
    if row.amount_minor != amount_minor or row.card.reference != card.strip():
        raise Conflict(
            "transaction_used",
            _("This id was told before, with another card or amount."),
            field="transaction",
            params={"amount_minor": row.amount_minor},
        ) from error
    return _result(row, duplicate=True)


@command(
    "partners.record_transaction",
    label=_("Payment with a partner's card recorded"),
    permission="partner_transactions:write",
    lock=lambda *, partner, card, **_rest: _card_to_lock(partner, card),
    recover=_same_transaction,
)
def record_transaction(
    ctx: Context,
    *,
    partner: str,
    transaction: str,
    card: str,
    amount_minor: int,
    happened_at: datetime | None = None,
) -> TransactionResult:
    """Record a payment with a partner's card, and everything it has for effects.

    Args:
        transaction: the partner's id: the same one again earns nothing, and is answered.
        card: the partner's reference of the card. ``happened_at``: now unless told.

    Raises ``NotFound`` (partner, card), ``Invalid``, ``Conflict`` (``transaction_used``),
    ``Refused`` (card closed, member not active).
    """
    row = _own_partner(ctx, partner)
    the_card, member = _card(ctx, row, card)
    text = _checked_id(transaction)
    check_minor(amount_minor, field="amount_minor", minimum=1)
    if PartnerTransaction.objects.filter(partner=row, transaction=text).exists():
        raise IntegrityError("partner_transaction_once")
    at = _instant(happened_at, now=ctx.now)
    if the_card.closed_on is not None:
        raise Refused("card_closed", _("This card is closed."), field="card")
    data = {
        "partner": row.public_id,
        "card": the_card.public_id,
        "opened_on": the_card.opened_on.isoformat(),
        "first": the_card.is_first,
        "transaction": text,
    }
    stored = Activity.objects.create(
        programme=ctx.programme,
        member=member,
        type=TRANSACTION,
        key=f"{row.public_id}:{text}",
        happened_at=at,
        recorded_at=ctx.now,
        merchant_id=ctx.actor.merchant_id,
        data=data,
    )
    world = DatabaseWorld.within(ctx, member)
    world.row = stored
    activity = ActivityData(
        type=TRANSACTION,
        key=stored.key,
        public_id=stored.public_id,
        happened_at=at,
        sale=sale_of(row, amount_minor, currency=ctx.programme.currency),
        data=data,
    )
    outcome = run(world, activity)
    balances = balance_views(world.book)
    world.write(ctx)
    kept: PartnerTransaction = PartnerTransaction.objects.create(
        programme=ctx.programme,
        partner=row,
        card=the_card,
        member=member,
        activity=stored,
        transaction=text,
        amount_minor=amount_minor,
        happened_at=at,
        recorded_at=ctx.now,
    )
    told = {"partner": row.public_id, "transaction": text, "amount_minor": amount_minor}
    publish(ctx, "partner.transaction_recorded", subject=member.public_id, data=told)
    ctx.about(kept.public_id, **told)
    return _result(kept, effects=effect_views(outcome.effects), balances=balances)


def sale_of(partner: Partner, amount_minor: int, *, currency: str) -> Sale:
    """A card payment as mechanics see it: one line, paid already, of the partner's category."""
    line = SaleLine(
        number=1,
        name=partner.name,
        categories=(f"partner:{partner.code}",),
        net_minor=amount_minor,
        earning_minor=amount_minor,
    )
    return Sale(currency=currency, lines=(line,), settled=True)


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
    own = _own_partner(ctx, partner)
    text = _checked_id(transaction)
    if Chargeback.objects.filter(partner=own, transaction=text).exists():
        raise IntegrityError("chargeback_once")
    rows = PartnerTransaction.objects.select_related("partner", "card", "activity", "member")
    row = rows.filter(partner=own, transaction=of.strip()[:MAX_ID]).first()
    if row is None or not ctx.locked:
        raise NotFound("transaction_not_found", _("There is no such payment."), field="of")
    at = _instant(happened_at, now=ctx.now)
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
    member = ctx.the_locked(Member, code="member_not_found", field="member")
    row.refunded_minor += back.amount_minor
    row.save(update_fields=["refunded_minor"])
    world = DatabaseWorld.within(ctx, member)
    world.row = row.activity
    world.about(back.public_id, back.happened_at)
    stored = AppliedEffect.objects.filter(activity=row.activity_id).order_by("id")
    effects = world.records(stored)
    portions = {1: Fraction(row.refunded_minor, row.amount_minor)}
    sale = sale_of(row.partner, row.amount_minor, currency=ctx.programme.currency)
    undone = undo(world, effects, sale, portions)
    balances = balance_views(world.book)
    world.write(ctx)
    save_undone(undone)
    return sum(one.amount for one in undone if one.applied.asset), balances


def _own_partner(ctx: Context, partner: str) -> Partner:
    found = meant_partner(ctx.actor, partner)
    return found or access_partner(partner)


def _card(ctx: Context, partner: Partner, card: str) -> tuple[PartnerCard, Member]:
    rows = PartnerCard.objects.select_related("partner", "member")
    found = rows.filter(partner=partner, reference=card.strip()[:80]).first()
    if found is None or not ctx.locked:
        raise NotFound("card_not_found", _("No member has this card."), field="card")
    member = ctx.the_locked(Member, code="card_not_found", field="card")
    if member.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": member.get_state_display()},
            field="card",
        )
    return found, member


def _checked_id(transaction: str) -> str:
    text = transaction.strip()
    if not 1 <= len(text) <= MAX_ID or not text.isprintable():
        message = _("Give 1 to %(n)s printable characters.") % {"n": MAX_ID}
        raise Invalid("required", message, field="transaction")
    return text


def _instant(value: datetime | None, *, now: datetime) -> datetime:
    if value is None:
        return now
    if value.tzinfo is None:
        raise Invalid("no_time_zone", _("Give the time with its time zone."), field="happened_at")
    if value > now + CLOCK_SKEW:
        text = _("This lies in the future. Check the clock.")
        raise Invalid("in_the_future", text, field="happened_at")
    return min(value, now)


def _result(
    row: PartnerTransaction,
    *,
    effects: tuple[EffectView, ...] = (),
    balances: tuple[BalanceView, ...] = (),
    duplicate: bool = False,
) -> TransactionResult:
    return TransactionResult(
        id=row.public_id,
        transaction=row.transaction,
        partner=row.partner.public_id,
        card=row.card.reference,
        amount_minor=row.amount_minor,
        refunded_minor=row.refunded_minor,
        happened_at=row.happened_at,
        effects=effects,
        balances=balances,
        duplicate=duplicate,
    )


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
