"""VNPay 2.1.0: the payer goes to VNPay's page by a signed address, VNPay tells us by a signed GET."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now as clock_now
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
from loyalty.payments.gateways.vnpay import signing
from loyalty.payments.results import Order
from loyalty.payments.rules.references import LENGTH

_PAY = Hosts(
    "vnpay_pay",
    live="https://pay.vnpay.vn/vpcpay.html",
    sandbox="https://sandbox.vnpayment.vn/paymentv2/vpcpay.html",
)
_API = Hosts(
    "vnpay",
    live="https://merchant.vnpay.vn/merchant_webapi/api/transaction",
    sandbox="https://sandbox.vnpayment.vn/merchant_webapi/api/transaction",
)
_VERSION, _PAID, _SUSPICIOUS = "2.1.0", "00", "07"
_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_REPLIES = {
    "paid": ("00", "Confirm Success"),
    "late": ("00", "Confirm Success"),
    "failed": ("00", "Confirm Success"),
    "pending": ("00", "Confirm Success"),
    "stale": ("00", "Confirm Success"),
    "duplicate": ("02", "Order already confirmed"),
    "unmatched": ("01", "Order not found"),
    "short": ("04", "Invalid amount"),
    "over": ("04", "Invalid amount"),
    "currency": ("04", "Invalid amount"),
    "forged": ("97", "Invalid Checksum"),
}
_UNKNOWN = ("99", "Unknown error")


class VnPay(Gateway):
    """Domestic cards, bank apps and VNPay's wallet. Amounts travel times one hundred."""

    name = "vnpay"
    label = _("VNPay")
    icon = "credit-card"
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
        Setting(
            name="tmn_code",
            label=_("Terminal code (TmnCode)"),
            pattern=r"[A-Za-z0-9_]{4,20}",
            help_text=_("VNPay gives it with the contract."),
        ),
        Setting(name="hash_secret", label=_("Secret (HashSecret)"), is_secret=True, maximum=120),
    )
    advice = _("Tell VNPay the address below as the IPN address of this terminal.")

    def start(self, order: Order, config: Config) -> Started:
        fields = {
            "vnp_Version": _VERSION,
            "vnp_Command": "pay",
            "vnp_TmnCode": config["tmn_code"],
            "vnp_Amount": str(order.amount_minor * 100),
            "vnp_CreateDate": _stamp(order.created_at),
            "vnp_CurrCode": "VND",
            "vnp_IpAddr": order.payer_ip or "127.0.0.1",
            "vnp_Locale": "vn" if order.language == "vi" else "en",
            "vnp_OrderInfo": _plain(f"{order.reference} {order.text}"),
            "vnp_OrderType": "other",
            "vnp_ReturnUrl": order.return_url,
            "vnp_TxnRef": order.order_id,
        }
        if order.expires_at is not None:
            fields["vnp_ExpireDate"] = _stamp(order.expires_at)
        signed = signing.signed_query(fields, config["hash_secret"])
        return Started(url=f"{_PAY.of(config)}?{signed}")

    def read(self, incoming: Incoming, config: Config) -> Notification:
        given = dict(incoming.query)
        secret = config.get("hash_secret", "")
        if not secret or not signing.is_signed(given, secret):
            raise ForgedError
        if given.get("vnp_TmnCode") != config["tmn_code"]:
            raise ForgedError  # another terminal's news, whatever its signature
        return _news(given, prefix="ipn")

    def answer(self, outcome: str) -> Answer:
        code, message = _REPLIES.get(outcome, _UNKNOWN)
        return Answer(body=f'{{"RspCode":"{code}","Message":"{message}"}}')

    def refund(self, asked: RefundAsked, config: Config) -> RefundAnswer:
        order = asked.order
        body = {
            "vnp_RequestId": asked.id.replace("_", "")[:32],
            "vnp_Version": _VERSION,
            "vnp_Command": "refund",
            "vnp_TmnCode": config["tmn_code"],
            "vnp_TransactionType": "02" if asked.is_whole else "03",
            "vnp_TxnRef": order.order_id,
            "vnp_Amount": str(asked.amount_minor * 100),
            "vnp_TransactionNo": asked.payment_id,
            "vnp_TransactionDate": _stamp(order.created_at),
            "vnp_CreateBy": _plain(asked.by)[:60] or "Than",
            "vnp_CreateDate": _stamp(clock_now()),
            "vnp_IpAddr": "127.0.0.1",
            "vnp_OrderInfo": _plain(f"Hoan tien {order.reference}"),
        }
        told = self._ask(body, signing.REFUND, signing.REFUND_ANSWER, config)
        code = str(told.get("vnp_ResponseCode"))
        if code not in (_PAID, "94"):  # 94: this very request is in work already
            raise GatewayError(f"VNPay {code}: {told.get('vnp_Message', '')}"[:180], is_final=True)
        return RefundAnswer(gateway_id=str(told.get("vnp_TransactionNo") or ""), note=code)

    def query(self, order: Order, config: Config) -> Notification | None:
        if not order.order_id:
            return None
        body = {
            "vnp_RequestId": f"{order.order_id}{int(clock_now().timestamp())}",
            "vnp_Version": _VERSION,
            "vnp_Command": "querydr",
            "vnp_TmnCode": config["tmn_code"],
            "vnp_TxnRef": order.order_id,
            "vnp_TransactionDate": _stamp(order.created_at),
            "vnp_CreateDate": _stamp(clock_now()),
            "vnp_IpAddr": "127.0.0.1",
            "vnp_OrderInfo": _plain(f"Hoi {order.reference}"),
        }
        told = self._ask(body, signing.QUERY, signing.QUERY_ANSWER, config)
        if told.get("vnp_ResponseCode") != _PAID or told.get("vnp_TransactionStatus") == "01":
            return None
        return _news(
            {**told, "vnp_ResponseCode": str(told["vnp_TransactionStatus"])}, prefix="asked"
        )

    def _ask(
        self, body: dict[str, str], order: str, answer_order: str, config: Config
    ) -> dict[str, Any]:
        secret = config["hash_secret"]
        signed = {**body, "vnp_SecureHash": signing.joined_hash(body, order, secret)}
        told = exchange("POST", _API.of(config), json=signed)
        wanted = signing.joined_hash(told, answer_order, secret)
        if not signing.same(wanted, str(told.get("vnp_SecureHash", ""))):
            raise GatewayError("VNPay's answer is not signed well")
        return told


def _news(given: Mapping[str, Any], *, prefix: str) -> Notification:
    try:
        amount, rest = divmod(int(str(given["vnp_Amount"])), 100)
        txn_ref = str(given["vnp_TxnRef"])
        number = str(given.get("vnp_TransactionNo") or "")
        codes = (str(given["vnp_ResponseCode"]), str(given["vnp_TransactionStatus"]))
    except (KeyError, ValueError) as error:
        raise UnreadableError(type(error).__name__) from error
    if rest or amount < 1:
        raise UnreadableError("vnp_Amount")
    is_paid = codes == (_PAID, _PAID)
    held = _SUSPICIOUS in codes  # charged, and VNPay looks into it: nothing is settled yet
    return Notification(
        event_id=f"{prefix}:{txn_ref}:{number}:{'-'.join(codes)}"[:150],
        kind="paid" if is_paid else "pending" if held else "failed",
        references=(txn_ref[:LENGTH],),
        order_id=txn_ref,
        amount_minor=amount if is_paid else 0,
        currency="VND",
        payment_id=number or txn_ref,
        note="-".join(codes),
        payload={name: value for name, value in given.items() if name.startswith("vnp_")},
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(_HANOI).strftime("%Y%m%d%H%M%S")


def _plain(text: str) -> str:
    """Letters without accents, digits and spaces: what VNPay takes."""
    base = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = [
        sign if sign.isascii() and sign.isalnum() else " "
        for sign in base
        if not unicodedata.combining(sign)
    ]
    return " ".join("".join(kept).split())[:200]


GATEWAY = VnPay()
