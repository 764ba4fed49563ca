"""Money comes in: at the till, on the bank account, or by a gateway's word. Each piece counts once."""

from __future__ import annotations

import json
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.payments.models import PAYLOAD_LENGTH, Charge, GatewayAccount, PaymentEvent
from loyalty.payments.results import ChargeView, Recorded
from loyalty.payments.rules.cards import without_card_data, without_card_numbers
from loyalty.payments.rules.money import SETTLED, WAITING
from loyalty.payments.selectors import CASH, view_of
from loyalty.payments.services.applying import apply, apply_early
from loyalty.payments.services.charges import refuse_card_numbers
from loyalty.payments.services.locking import charge_to_lock, the_charge

TRANSFER = "vietqr"
UNMATCHED, DUPLICATE, FORGED = "unmatched", "duplicate", "forged"


@command(
    "payments.take_cash", label=_("Cash taken"), permission="payments:write", lock=charge_to_lock
)
def take_cash(ctx: Context, *, charge: str, amount_minor: int | None = None) -> ChargeView:
    """Cash was taken at the till: all that is missing, unless a part is named.

    Raises ``NotFound``, ``Invalid`` (amount) and ``Refused`` (``charge_not_open``: paid meanwhile,
    or closed).
    """
    row = _waiting(ctx, charge)
    missing = row.standing.missing_minor
    amount = missing if amount_minor is None else amount_minor
    check_minor(amount, field="amount_minor", minimum=1, maximum=missing)
    _by_hand(ctx, row, gateway=CASH, amount_minor=amount, note="")
    return view_of(row)


@command(
    "payments.confirm_transfer",
    label=_("Bank transfer confirmed"),
    permission="payments:write",
    lock=charge_to_lock,
)
def confirm_transfer(
    ctx: Context,
    *,
    charge: str,
    amount_minor: int | None = None,
    note: str = "",
    is_another: bool = False,
) -> ChargeView:
    """Staff see the transfer in the bank's app: all that is missing, unless they name the amount.

    Any amount is recorded, also on a closed bill: it is there. On a bill that is paid, mostly somebody
    else has confirmed the very same transfer: one that came besides says so (``is_another``). Raises
    ``NotFound``, ``Invalid`` and ``Refused`` (``charge_settled``).
    """
    row = the_charge(ctx, charge)
    amount = row.standing.missing_minor if amount_minor is None else amount_minor
    is_paid = row.state in SETTLED and not row.standing.given_back_minor
    if (amount_minor is None and not amount) or (is_paid and not is_another):
        told = _("This bill is paid already. Has another transfer come besides? Then say so.")
        raise Refused("charge_settled", told, field="is_another" if is_paid else "charge")
    check_minor(amount, field="amount_minor", minimum=1)
    refuse_card_numbers(note, field="note")
    _by_hand(ctx, row, gateway=TRANSFER, amount_minor=amount, note=note.strip()[:200])
    return view_of(row)


def _notified_charge(*, references: tuple[str, ...], merchant_id: int, **_rest: Any) -> Lock:
    rows = Charge.objects.select_related("member", "merchant")
    return Lock(rows=rows.filter(reference__in=references, merchant=merchant_id))


def _known_already(call: Call, error: IntegrityError, **given: Any) -> Recorded:
    """Two of the same at once, before there was a bill to queue at."""
    rows = PaymentEvent.objects.filter(gateway=given["gateway"], event_id=given["event_id"])
    earlier = rows.first()
    if earlier is None:
        raise error
    return Recorded(event=earlier.public_id, outcome=DUPLICATE)


@command(
    "payments.record_notification",
    label=_("Notice of a payment received"),
    permission="payments:write",
    lock=_notified_charge,
    recover=_known_already,
)
def record_notification(
    ctx: Context,
    *,
    gateway: str,
    account: str,
    merchant_id: int,
    event_id: str,
    kind: str,
    references: tuple[str, ...] = (),
    order_id: str = "",
    amount_minor: int = 0,
    currency: str = "",
    payment_id: str = "",
    refund_ids: tuple[str, ...] = (),
    note: str = "",
    payload: Any = None,
) -> Recorded:
    """Record what a gateway told (verified before), once, and let it count.

    What has no bill is kept as ``unmatched`` and tried again when it is told again; a refund before
    its payment is kept as ``early``. The same news twice answers ``duplicate``.
    """
    row = _the_one(ctx.locked, references)
    rows = PaymentEvent.objects.select_related("account")
    event = rows.filter(gateway=gateway, event_id=event_id[:160]).first()
    if event is not None and (row is None or event.outcome != UNMATCHED):
        return _recorded(event, row, outcome=DUPLICATE)
    if event is None:
        event = PaymentEvent(
            programme=ctx.programme,
            account=GatewayAccount.objects.get(public_id=account),
            gateway=gateway,
            event_id=event_id[:160],
            payment_id=payment_id[:120],
            kind=kind,
            reference=(order_id or next(iter(references), ""))[:40],
            amount_minor=amount_minor,
            note=without_card_numbers(note)[:200],
            payload=kept_payload(payload),
            received_at=ctx.now,
            outcome=UNMATCHED if kind != "ignored" else "ignored",
        )
    if row is not None and kind != "ignored":
        event.charge = row
        event.outcome = apply(
            ctx, row, event, order_id=order_id, currency=currency, refund_ids=refund_ids
        )
    event.save()
    if row is not None and event.kind == "paid":
        apply_early(ctx, row)
    subject = row.public_id if row is not None else event.public_id
    ctx.about(subject, outcome=event.outcome, amount_minor=amount_minor, gateway=gateway)
    return _recorded(event, row)


@command(
    "payments.record_forgery",
    label=_("Forged notice refused"),
    permission="payments:write",
    recover=_known_already,
)
def record_forgery(ctx: Context, *, gateway: str, account: str, event_id: str) -> Recorded:
    """Somebody sent news with a wrong signature. Kept as a line of the inbox; nothing else changes.

    Nothing of its content is kept: it is a stranger's.
    """
    event = PaymentEvent(
        programme=ctx.programme,
        account=GatewayAccount.objects.get(public_id=account),
        gateway=gateway,
        # Never the id it claims: a stranger must not take the place of the true one.
        event_id=f"{FORGED}:{event_id}"[:160],
        kind=PaymentEvent.Kind.IGNORED,
        is_genuine=False,
        outcome=FORGED,
        received_at=ctx.now,
    )
    event.save(force_insert=True)
    ctx.about(event.public_id, gateway=gateway, outcome=FORGED)
    return _recorded(event, None)


@command(
    "payments.match_event",
    label=_("Payment matched by hand"),
    permission="payments:write",
    lock=charge_to_lock,
)
def match_event(ctx: Context, *, charge: str, event: str) -> ChargeView:
    """Staff say which bill unmatched money was for.

    Raises ``NotFound`` (charge, event) and ``Refused`` (``event_matched``, ``other_currency``).
    """
    row = the_charge(ctx, charge)
    known = PaymentEvent.objects.select_related("account").filter(public_id=event, kind="paid")
    news = known.first()
    if news is None or news.account is None or news.account.merchant_id != row.merchant_id:
        raise NotFound("event_not_found", _("There is no such payment."), field="event")
    # The event's own row is changed by one winner only, whichever bill each of two staff chose.
    taken = PaymentEvent.objects.filter(pk=news.pk, outcome=UNMATCHED).update(outcome="matching")
    if not taken:
        raise Refused("event_matched", _("This payment belongs to a bill already."), field="event")
    news.charge = row
    news.outcome = apply(ctx, row, news)
    news.recorded_by = ctx.actor.label[:200]
    news.save()
    ctx.about(row.public_id, matched=news.public_id, outcome=news.outcome)
    return view_of(row)


def kept_payload(payload: Any) -> str:
    """A payload as it may be kept: without card data, and no longer than the row allows."""
    if payload is None:
        return ""
    text = json.dumps(without_card_data(payload), ensure_ascii=False, default=str)
    return text.replace("\x00", "")[:PAYLOAD_LENGTH]


def _waiting(ctx: Context, charge: str) -> Charge:
    row = the_charge(ctx, charge)
    if row.state not in WAITING:
        raise Refused(
            "charge_not_open",
            _("This bill is not open any more: %(state)s.") % {"state": row.get_state_display()},
            field="charge",
        )
    return row


def _by_hand(ctx: Context, row: Charge, *, gateway: str, amount_minor: int, note: str) -> None:
    event = PaymentEvent(
        programme=ctx.programme,
        charge=row,
        gateway=gateway,
        event_id=f"hand:{ctx.command.public_id}",
        kind=PaymentEvent.Kind.PAID,
        reference=row.reference,
        amount_minor=amount_minor,
        note=note,
        recorded_by=ctx.actor.label[:200],
        received_at=ctx.now,
    )
    event.outcome = apply(ctx, row, event)
    event.save(force_insert=True)
    ctx.about(row.public_id, outcome=event.outcome, amount_minor=amount_minor, gateway=gateway)


def _the_one(found: list[Charge], references: tuple[str, ...]) -> Charge | None:
    """Of several bills a transfer's text names, the first that still waits; else the first."""
    by_reference = {row.reference: row for row in found}
    rows = [by_reference[one] for one in references if one in by_reference]
    waiting = [row for row in rows if row.state in WAITING]
    return next(iter(waiting or rows), None)


def _recorded(event: PaymentEvent, row: Charge | None, *, outcome: str = "") -> Recorded:
    return Recorded(
        event=event.public_id,
        outcome=outcome or event.outcome,
        charge=row.public_id if row is not None else "",
    )
