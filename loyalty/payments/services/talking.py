"""Talking with gateways: hear their news, ask how an order stands, have money sent back.

Nothing here runs inside a transaction; what is learned is recorded by a command.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any
from uuid import uuid4

import structlog

from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import DomainError
from loyalty.common.money import MAX_MINOR
from loyalty.payments.gateways import gateway_named
from loyalty.payments.gateways.base import (
    Answer,
    ForgedError,
    GatewayError,
    Incoming,
    Notification,
    RefundAsked,
    UnreadableError,
)
from loyalty.payments.models import Charge, ChargeRefund, GatewayAccount
from loyalty.payments.results import Recorded
from loyalty.payments.selectors import account_in_use, config_of, money_of, reference_of_money
from loyalty.payments.services.receiving import record_forgery, record_notification
from loyalty.payments.services.refunds import finish_refund
from loyalty.payments.services.starting import began_at, order_of

_GIANT = 2**63

log = structlog.get_logger(__name__)


def hear(account: GatewayAccount, incoming: Incoming) -> Answer:
    """A request from a gateway: verified, recorded once, answered as the gateway wants it.

    The programme is in scope. Forged news leaves a line in the inbox and changes nothing.
    """
    gateway = gateway_named(account.gateway)
    assert gateway is not None
    actor = job_actor(account.programme, f"{gateway.name}-notification")
    try:
        news = gateway.read(incoming, config_of(account))
    except ForgedError:
        _note_forgery(actor, account, incoming)
        return gateway.answer("forged")
    except GatewayError as error:
        log.warning("payment_news_not_checked", gateway=gateway.name, reason=str(error)[:100])
        return gateway.answer("error")
    except UnreadableError as error:
        log.warning("payment_news_unreadable", gateway=gateway.name, reason=str(error)[:100])
        return gateway.answer("unreadable")
    try:
        done = record(Call(actor, f"news:{uuid4()}"), account, news)
    except DomainError as error:
        log.warning("payment_news_refused", gateway=gateway.name, code=error.code)
        return gateway.answer("error")
    return gateway.answer(done.outcome)


def record(call: Call, account: GatewayAccount, news: Notification) -> Recorded:
    """Record verified news. Every delivery has a key of its own; the event's id keeps it single.

    An amount no bill can have is no money: it is kept to be looked at and counts nothing, so that the
    gateway does not tell it again for ever.
    """
    least = 1 if news.kind == "paid" else 0
    if not least <= news.amount_minor <= MAX_MINOR:
        log.warning("payment_news_beyond_all_bounds", gateway=account.gateway)
        note = f"amount {str(news.amount_minor)[:40]}; {news.note}"
        news = replace(news, kind="ignored", amount_minor=0, references=(), note=note)
    if news.kind == "unrefunded" and not news.references:
        found = reference_of_money(
            news.payment_id, gateway=account.gateway, merchant_id=account.merchant_id
        )
        # Without one it is about something else that the account sells.
        news = replace(news, references=(found,)) if found else replace(news, kind="ignored")
    return record_notification(
        call,
        gateway=account.gateway,
        account=account.public_id,
        merchant_id=account.merchant_id,
        event_id=news.event_id,
        kind=news.kind,
        references=news.references,
        order_id=news.order_id,
        amount_minor=news.amount_minor,
        currency=news.currency,
        payment_id=news.payment_id,
        refund_ids=news.refund_ids,
        note=news.note,
        payload=_without_giants(news.payload),
    )


def _without_giants(value: Any) -> Any:
    """A payload whose numbers all fit 64 bits; a greater one is kept as text."""
    if isinstance(value, dict):
        return {name: _without_giants(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_giants(one) for one in value]
    return str(value) if isinstance(value, int) and abs(value) >= _GIANT else value


def ask_gateway(call: Call, row: Charge) -> bool:
    """Ask how an order under way stands and record what is told; was there news?"""
    gateway = gateway_named(row.gateway)
    account = account_in_use(merchant_id=row.merchant_id, gateway=row.gateway)
    if gateway is None or account is None or not gateway.can_query:
        return False
    try:
        news = gateway.query(order_of(row, account), config_of(account))
    except (GatewayError, ForgedError, UnreadableError) as error:
        log.warning("gateway_not_asked", gateway=gateway.name, reason=type(error).__name__)
        return False
    if news is None or news.kind == "pending":
        return False
    record(call, account, news)
    return True


def send_refund(call: Call, refund: str) -> None:
    """Have the gateway send money back. Raises ``GatewayError`` where trying again may help.

    The refund's id makes asking twice harmless at the gateway, its state here.
    """
    found = ChargeRefund.objects.select_related("charge__member", "charge__merchant")
    row = found.filter(public_id=refund).first()
    if row is None or row.state != ChargeRefund.State.ASKED:
        return
    gateway = gateway_named(row.gateway)
    account = account_in_use(merchant_id=row.charge.merchant_id, gateway=row.gateway)
    charge = row.charge.public_id
    if gateway is None or account is None:
        finish_refund(call, charge=charge, refund=refund, is_done=False, note="switched off")
        return
    try:
        answer = gateway.refund(_asked(account, row), config_of(account))
    except GatewayError as error:
        if not error.is_final:
            raise
        finish_refund(call, charge=charge, refund=refund, is_done=False, note=str(error))
        return
    if answer.is_done:
        finish_refund(
            call,
            charge=charge,
            refund=refund,
            is_done=True,
            gateway_id=answer.gateway_id,
            note=answer.note,
        )


def _asked(account: GatewayAccount, row: ChargeRefund) -> RefundAsked:
    came = money_of(row.charge, row.payment_id)
    order = replace(
        order_of(row.charge, account),
        order_id=came.reference,
        created_at=began_at(row.charge, came.reference),
    )
    return RefundAsked(
        id=row.public_id,
        order=order,
        payment_id=row.payment_id,
        amount_minor=row.amount_minor,
        is_whole=row.amount_minor == came.counted_minor,
        reason=row.reason,
        by=row.recorded_by,
    )


def _note_forgery(actor: Actor, account: GatewayAccount, incoming: Incoming) -> None:
    query = repr(sorted(incoming.query.items())).encode()
    fingerprint = hashlib.sha256(incoming.body + query).hexdigest()
    call = Call(actor, f"forged:{account.public_id}:{fingerprint}")
    record_forgery(call, gateway=account.gateway, account=account.public_id, event_id=fingerprint)
