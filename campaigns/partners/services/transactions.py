"""Payments with a partner's card: each of the partner's ids earns once, and comes back exactly.

A payment is an activity ``partner.transaction`` with a sale of one line, whose category is
``partner-<code>``: every mechanic that listens to it answers as it would a purchase.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Partner, PartnerCard, PartnerTransaction
from campaigns.partners.rules.bonus import TRANSACTION
from campaigns.partners.selectors.partners import access_partner, meant_partner
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.engine.activity import ActivityData, Sale, SaleLine
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.models import Activity
from loyalty.engine.results import BalanceView, EffectView, balance_views, effect_views
from loyalty.engine.run import run
from loyalty.engine.services import check_happened_at
from loyalty.outbox.services import publish
from members.profiles.models import Member

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
    row = own_partner(ctx, partner)
    the_card, member = _card(ctx, row, card)
    text = checked_id(transaction)
    check_minor(amount_minor, field="amount_minor", minimum=1)
    if PartnerTransaction.objects.filter(partner=row, transaction=text).exists():
        raise IntegrityError("partner_transaction_once")
    at = check_happened_at(happened_at, now=ctx.now)
    if the_card.closed_on is not None:
        raise Refused("card_closed", _("This card is closed."), field="card")
    data = _told(row, the_card, text)
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


def _told(partner: Partner, card: PartnerCard, transaction: str) -> dict[str, Any]:
    """What the activity says of the payment, for rules of cards."""
    return {
        "partner": partner.public_id,
        "card": card.public_id,
        "opened_on": card.opened_on.isoformat(),
        "first": card.is_first,
        "transaction": transaction,
    }


def sale_of(partner: Partner, amount_minor: int, *, currency: str) -> Sale:
    """A card payment as mechanics see it: one line, paid already, of the partner's category."""
    line = SaleLine(
        number=1,
        name=partner.name,
        categories=(f"partner-{partner.code}",),
        net_minor=amount_minor,
        earning_minor=amount_minor,
    )
    return Sale(currency=currency, lines=(line,), settled=True)


def own_partner(ctx: Context, partner: str) -> Partner:
    """The partner a payment is told by. Raises ``NotFound``."""
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


def checked_id(transaction: str) -> str:
    """The partner's id of a payment. Raises ``Invalid``."""
    text = transaction.strip()
    if not 1 <= len(text) <= MAX_ID or not text.isprintable():
        message = _("Give 1 to %(n)s printable characters.") % {"n": MAX_ID}
        raise Invalid("required", message, field="transaction")
    return text


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
