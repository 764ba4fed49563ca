"""Cards and wallets by Stripe Checkout: Stripe's own page, so no card number ever comes near us.

Fulfilled by webhooks, never by the page the payer comes back to. A bill is found by the metadata
that was given to the session and its payment.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.payments.gateways.base import (
    Answer,
    Config,
    ForgedError,
    Gateway,
    GatewayError,
    Hosts,
    Incoming,
    Notification,
    RefundAnswer,
    RefundAsked,
    Setting,
    Started,
    UnreadableError,
    exchange,
)
from loyalty.payments.results import Order

_HOSTS = Hosts("stripe", live="https://api.stripe.com")
# Payloads keep this form whatever the account's own version is.
API_VERSION = "2026-06-24.dahlia"
_DRIFT_SECONDS = 300
_EXPIRES_AT_LEAST, _EXPIRES_AT_MOST = 30 * 60, 24 * 3600
_FAILED = {"checkout.session.async_payment_failed", "checkout.session.expired"}
_REFUND_FAILED = {"failed", "canceled"}
# Of the same thing, as accounts of several ages tell it; what counts is how the refund stands.
_REFUND_NEWS = {"refund.failed", "refund.updated", "charge.refund.updated"}
_DONE = {"checkout.session.completed", "checkout.session.async_payment_succeeded"}


class Stripe(Gateway):
    """Checkout sessions in ``payment`` mode."""

    name = "stripe"
    label = _("Card (Stripe)")
    icon = "credit-card"
    mode = "redirect"
    has_notifications = True
    can_refund = True
    can_query = True
    settings = (
        Setting(
            name="secret_key",
            label=_("Secret key"),
            is_secret=True,
            pattern=r"(sk|rk)_[A-Za-z0-9_]{8,180}",
            help_text=_("Begins with sk_ or rk_. One with sk_test_ takes no real money."),
        ),
        Setting(
            name="webhook_secret",
            label=_("Signing secret of the webhook"),
            is_secret=True,
            pattern=r"whsec_[A-Za-z0-9_+/=]{8,180}",
            help_text=_("Begins with whsec_. Stripe shows it beside the endpoint."),
        ),
    )
    advice = _(
        "In Stripe, add an endpoint with the address below for checkout.session.*, "
        "charge.refunded, refund.updated and refund.failed."
    )

    def start(self, order: Order, config: Config) -> Started:
        form = {
            "mode": "payment",
            "client_reference_id": order.charge,
            "success_url": order.return_url,
            "cancel_url": order.return_url,
            "locale": order.language,
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": order.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(order.amount_minor),
            "line_items[0][price_data][product_data][name]": order.text,
        }
        for place in ("metadata", "payment_intent_data[metadata]"):
            form[f"{place}[reference]"] = order.reference
            form[f"{place}[order]"] = order.order_id
        if order.expires_at is not None:
            left = int((order.expires_at - order.created_at).total_seconds())
            if _EXPIRES_AT_LEAST <= left <= _EXPIRES_AT_MOST:
                form["expires_at"] = str(int(order.expires_at.timestamp()))
        made = self._call("POST", "/v1/checkout/sessions", config, data=form, key=order.order_id)
        return Started(url=str(made.get("url", "")), gateway_id=str(made.get("id", "")))

    def read(self, incoming: Incoming, config: Config) -> Notification:
        _verify(incoming, config.get("webhook_secret", ""))
        try:
            event = json.loads(incoming.body)
            return _news(str(event["id"]), str(event["type"]), event["data"]["object"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableError(type(error).__name__) from error

    def answer(self, outcome: str) -> Answer:
        if outcome in ("forged", "unreadable"):
            return Answer(status=400, body='{"error":"signature or payload"}')
        if outcome in ("unmatched", "error"):  # told again for three days, maybe too early now
            return Answer(status=409, body='{"error":"unknown payment"}')
        return Answer(body='{"received":true}')

    def refund(self, asked: RefundAsked, config: Config) -> RefundAnswer:
        form = {
            "payment_intent": asked.payment_id,
            "amount": str(asked.amount_minor),
            "metadata[refund]": asked.id,
            "metadata[reference]": asked.order.reference,
        }
        made = self._call("POST", "/v1/refunds", config, data=form, key=asked.id)
        status = str(made.get("status", ""))
        if status in _REFUND_FAILED:
            raise GatewayError(f"Stripe: refund {status}", is_final=True)
        is_done = status == "succeeded"  # pending: charge.refunded tells the end
        return RefundAnswer(gateway_id=str(made.get("id", "")), is_done=is_done, note=status)

    def query(self, order: Order, config: Config) -> Notification | None:
        if not order.gateway_id:
            return None
        found = self._call("GET", f"/v1/checkout/sessions/{order.gateway_id}", config)
        status, paid = found.get("status"), found.get("payment_status")
        if status == "complete" and paid != "unpaid":
            return _news(f"asked:{order.gateway_id}:paid", "checkout.session.completed", found)
        if status == "expired":
            return _news(f"asked:{order.gateway_id}:expired", "checkout.session.expired", found)
        return None

    def _call(
        self, method: str, path: str, config: Config, *, data: Any = None, key: str = ""
    ) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {config['secret_key']}",
            "Stripe-Version": API_VERSION,
        }
        if key:
            headers["Idempotency-Key"] = key
        return exchange(method, f"{_HOSTS.of(config)}{path}", data=data, headers=headers)


def _verify(incoming: Incoming, secret: str) -> None:
    """``Stripe-Signature: t=…,v1=…``: HMAC-SHA256 over ``{t}.{raw body}``, keyed by the whole text."""
    pairs = [
        part.partition("=")[::2] for part in incoming.headers.get("stripe-signature", "").split(",")
    ]
    stamp = next((value for name, value in pairs if name.strip() == "t"), "")
    given = [value.strip() for name, value in pairs if name.strip() == "v1"][:10]
    if not secret or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        raise ForgedError
    made = hmac.new(secret.encode(), f"{stamp}.".encode() + incoming.body, hashlib.sha256)
    wanted = made.hexdigest().encode()
    if not any(hmac.compare_digest(wanted, one.encode()) for one in given):
        raise ForgedError
    if abs(incoming.at - int(stamp)) > _DRIFT_SECONDS:
        raise ForgedError


def _news(event_id: str, topic: str, thing: dict[str, Any]) -> Notification:
    metadata = thing.get("metadata") or {}
    reference = str(metadata.get("reference", ""))
    common: dict[str, Any] = {
        "event_id": event_id[:120],
        "references": (reference,) if reference else (),
        "order_id": str(metadata.get("order", "")),
        "currency": str(thing.get("currency") or "").upper(),
        "payment_id": str(thing.get("payment_intent") or thing.get("id") or ""),
        "note": topic,
        "payload": _kept(thing),
    }
    if topic in _REFUND_NEWS and thing.get("status") in _REFUND_FAILED:
        names = (str(metadata.get("refund", "")), str(thing["id"]))
        common |= {"refund_ids": tuple(one for one in names if one)}
        note = f"{topic} {thing.get('failure_reason') or ''}".strip()
        amount = _whole(thing["amount"])
        common |= {"note": note, "amount_minor": amount}
        # One made in Stripe's own pages names no bill: its payment does.
        return Notification(kind="unrefunded", **common)
    if not reference:  # the account sells other things too
        return Notification(kind="ignored", **common)
    if topic in _DONE:
        is_paid = thing.get("payment_status") != "unpaid"
        amount = _whole(thing["amount_total"]) if is_paid else 0
        return Notification(kind="paid" if is_paid else "pending", amount_minor=amount, **common)
    if topic in _FAILED:
        return Notification(kind="failed", **common)
    if topic == "charge.refunded":
        amount = _whole(thing["amount_refunded"])
        return Notification(kind="refunded", amount_minor=amount, **common)
    return Notification(kind="ignored", **common)


def _kept(thing: dict[str, Any]) -> dict[str, Any]:
    """What is worth keeping: not the payer's name, address, and last four digits."""
    wanted = (
        "id object status payment_status amount_total amount amount_refunded currency payment_intent "
        "client_reference_id metadata livemode created"
    )
    return {name: thing[name] for name in wanted.split() if name in thing}


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableError("amount")
    return value


GATEWAY = Stripe()
