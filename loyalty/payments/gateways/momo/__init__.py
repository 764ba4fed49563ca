"""MoMo's wallet, protocol v2: an order is created by a signed POST, its end told by a signed POST."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
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
from loyalty.payments.rules.references import LENGTH

_HOSTS = Hosts("momo", live="https://payment.momo.vn", sandbox="https://test-payment.momo.vn")
# What is signed, in MoMo's fixed order; raw values, nothing encoded.
CREATE = "accessKey amount extraData ipnUrl orderId orderInfo partnerCode redirectUrl requestId requestType"
IPN = (
    "accessKey amount extraData message orderId orderInfo orderType partnerCode payType requestId "
    "responseTime resultCode transId"
)
QUERY = "accessKey orderId partnerCode requestId"
REFUND = "accessKey amount description orderId partnerCode requestId transId"
_DONE = 0
_UNDER_WAY = frozenset({10, 1000, 7000, 7002, 8000, 9000})


class MoMo(Gateway):
    """``captureWallet``: the payer confirms in MoMo's app."""

    name = "momo"
    label = _("MoMo wallet")
    icon = "wallet"
    mode = "redirect"
    currencies = frozenset({"VND"})
    has_notifications = True
    can_refund = True
    can_query = True
    settings = (
        Setting(
            name="mode",
            label=_("Kind of account"),
            choices=(("live", _("Real money")), ("sandbox", _("For trying out"))),
            initial="live",
        ),
        Setting(name="partner_code", label=_("Partner code"), pattern=r"[A-Za-z0-9_]{3,40}"),
        Setting(name="access_key", label=_("Access key"), is_secret=True, maximum=80),
        Setting(name="secret_key", label=_("Secret key"), is_secret=True, maximum=120),
    )
    advice = _("MoMo is told the address of its notifications with every payment.")

    def start(self, order: Order, config: Config) -> Started:
        body: dict[str, Any] = {
            "partnerCode": config["partner_code"],
            "requestId": order.order_id,
            "orderId": order.order_id,
            "amount": order.amount_minor,
            "orderInfo": f"{order.reference} {order.text}"[:200],
            "redirectUrl": order.return_url,
            "ipnUrl": order.notify_url,
            "requestType": "captureWallet",
            "extraData": "",
            "lang": order.language,
        }
        told = self._send("create", body, CREATE, config)
        if told.get("resultCode") != _DONE:
            raise GatewayError(f"MoMo {told.get('resultCode')}", is_final=True)
        return Started(url=str(told.get("payUrl", "")), qr="", gateway_id=order.order_id)

    def read(self, incoming: Incoming, config: Config) -> Notification:
        try:
            told = json.loads(incoming.body)
        except ValueError as error:
            raise ForgedError from error  # what cannot be read cannot be signed
        if not isinstance(told, dict) or not config.get("secret_key"):
            raise ForgedError
        wanted = signature(told, IPN, config)
        if not hmac.compare_digest(wanted.encode(), str(told.get("signature", "")).encode()):
            raise ForgedError
        if told.get("partnerCode") != config["partner_code"]:
            raise ForgedError
        return _news(told, prefix="ipn")

    def answer(self, outcome: str) -> Answer:
        if outcome in ("forged", "unreadable"):
            return Answer(status=400, body='{"message":"signature"}')
        if outcome == "unmatched":
            return Answer(status=404, body='{"message":"unknown order"}')
        if outcome == "error":
            return Answer(status=503)
        return Answer(status=204, content_type="")

    def refund(self, asked: RefundAsked, config: Config) -> RefundAnswer:
        body: dict[str, Any] = {
            "partnerCode": config["partner_code"],
            "orderId": asked.id.replace("_", "-"),
            "requestId": asked.id.replace("_", "-"),
            "amount": asked.amount_minor,
            "transId": int(asked.payment_id),
            "lang": asked.order.language,
            "description": asked.reason or asked.order.reference,
        }
        told = self._send("refund", body, REFUND, config)
        code = told.get("resultCode")
        if code != _DONE:
            raise GatewayError(
                f"MoMo {code}: {told.get('message', '')}"[:180], is_final=code not in _UNDER_WAY
            )
        return RefundAnswer(gateway_id=str(told.get("transId", "")))

    def query(self, order: Order, config: Config) -> Notification | None:
        if not order.order_id:
            return None
        body = {
            "partnerCode": config["partner_code"],
            "requestId": order.order_id,
            "orderId": order.order_id,
            "lang": order.language,
        }
        told = self._send("query", body, QUERY, config)
        if told.get("orderId") != order.order_id:
            return None
        return _news(told, prefix="asked")

    def _send(self, what: str, body: dict[str, Any], order: str, config: Config) -> dict[str, Any]:
        signed = {**body, "signature": signature(body, order, config)}
        return exchange("POST", f"{_HOSTS.of(config)}/v2/gateway/api/{what}", json=signed)


def signature(values: Mapping[str, Any], order: str, config: Config) -> str:
    """HMAC-SHA256 over ``name=value`` pairs; the access key comes from the settings, never the body."""
    known = {**values, "accessKey": config["access_key"]}
    data = "&".join(f"{name}={known.get(name, '')}" for name in order.split())
    return hmac.new(config["secret_key"].encode(), data.encode(), hashlib.sha256).hexdigest()


def _news(told: Mapping[str, Any], *, prefix: str) -> Notification:
    code, amount = told.get("resultCode"), told.get("amount")
    order_id = str(told.get("orderId", ""))
    numbers_are_whole = all(
        isinstance(one, int) and not isinstance(one, bool) for one in (code, amount)
    )
    if not numbers_are_whole or not order_id:
        raise UnreadableError("resultCode, amount or orderId")
    assert isinstance(code, int)
    assert isinstance(amount, int)
    is_paid = code == _DONE and amount > 0
    transaction = str(told.get("transId", ""))
    return Notification(
        event_id=f"{prefix}:{order_id}:{transaction}:{code}"[:150],
        kind="paid" if is_paid else "pending" if code in _UNDER_WAY else "failed",
        references=(order_id[:LENGTH],),
        order_id=order_id,
        amount_minor=amount if is_paid else 0,
        currency="VND",
        payment_id=transaction,
        note=f"{code} {told.get('message', '')}"[:200],
        payload={name: value for name, value in told.items() if name != "signature"},
    )


GATEWAY = MoMo()
