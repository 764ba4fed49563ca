"""Stripe, MoMo and VNPay on this machine: they check what we send as strictly as the real ones do,
and speak in their own signed words. Written from their documents, with code of their own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

STRIPE_KEY, STRIPE_SIGNING = "sk_test_51Than00", "whsec_test_secret"
MOMO = {
    "partner_code": "MOMO",
    "access_key": "F8BBA842ECF85",
    "secret_key": "K951B6PE1waDMi640xX08PD3vg6EkVlz",
}
VNPAY_SECRET, VNPAY_TERMINAL = "test_secret", "TEST_TMN"


@dataclass
class Double:
    """What a stand-in was asked, by path."""

    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def stripe(path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
    """Checkout sessions and refunds."""
    if headers.get("Authorization") != f"Bearer {STRIPE_KEY}":
        return 401, {"error": {"message": "Invalid API Key provided"}}
    form = dict(parse_qsl(body.decode()))
    if path == "/v1/checkout/sessions":
        needed = ("mode", "success_url", "line_items[0][price_data][unit_amount]")
        if not all(form.get(one) for one in needed) or not headers.get("Idempotency-Key"):
            return 400, {"error": {"message": "Missing required param"}}
        return 200, {"id": "cs_test_1", "url": "https://checkout.stripe.com/c/pay/cs_test_1"}
    if path == "/v1/refunds" and form.get("payment_intent") == "pi_1":
        return 200, {"id": "re_1", "status": "succeeded"}
    return 404, {"error": {"message": "No such payment_intent"}}


def stripe_signature(body: bytes, at: int) -> str:
    made = hmac.new(STRIPE_SIGNING.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
    return f"t={at},v1={made},v0=ignored"


def _momo_signature(pairs: list[tuple[str, Any]]) -> str:
    data = "&".join(f"{name}={value}" for name, value in pairs)
    return hmac.new(MOMO["secret_key"].encode(), data.encode(), hashlib.sha256).hexdigest()


def momo(path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
    """Create and refund; a wrong signature is result 13, as documented."""
    told = json.loads(body)
    names = {
        "/v2/gateway/api/create": "amount extraData ipnUrl orderId orderInfo partnerCode redirectUrl "
        "requestId requestType",
        "/v2/gateway/api/refund": "amount description orderId partnerCode requestId transId",
    }[path]
    pairs = [("accessKey", MOMO["access_key"]), *[(one, told[one]) for one in names.split()]]
    if told["signature"] != _momo_signature(pairs):
        return 200, {"resultCode": 13, "message": "Merchant authentication failed."}
    if path.endswith("refund"):
        return 200, {"resultCode": 0, "transId": 4088878999, "orderId": told["orderId"]}
    order = told["orderId"]
    return 200, {
        "resultCode": 0,
        "orderId": order,
        "payUrl": f"https://test-payment.momo.vn/{order}",
    }


def momo_ipn(order_id: str, amount: int, *, code: int = 0, transaction: int = 4088878653) -> bytes:
    """A notification as MoMo signs it."""
    told: dict[str, Any] = {
        "amount": amount,
        "extraData": "",
        "message": "Successful." if code == 0 else "Transaction denied by user.",
        "orderId": order_id,
        "orderInfo": "pay with MoMo",
        "orderType": "momo_wallet",
        "partnerCode": MOMO["partner_code"],
        "payType": "qr",
        "requestId": order_id,
        "responseTime": 1721720663942,
        "resultCode": code,
        "transId": transaction,
    }
    pairs = [("accessKey", MOMO["access_key"]), *sorted(told.items())]
    return json.dumps({**told, "signature": _momo_signature(pairs)}).encode()


def vnpay(path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
    """Refunds: the request's hash is checked, the answer signed."""
    told = json.loads(body)
    order = (
        "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo "
        "TransactionDate CreateBy CreateDate IpAddr OrderInfo"
    )
    wanted = _sha512("|".join(str(told[f"vnp_{one}"]) for one in order.split()))
    answer = {
        "vnp_ResponseId": "r1",
        "vnp_Command": "refund",
        "vnp_ResponseCode": "00" if wanted == told["vnp_SecureHash"] else "97",
        "vnp_TmnCode": VNPAY_TERMINAL,
        "vnp_Amount": told["vnp_Amount"],
        "vnp_TransactionNo": "14422999",
    }
    names = (
        "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate "
        "TransactionNo TransactionType TransactionStatus OrderInfo"
    )
    data = "|".join(answer.get(f"vnp_{one}", "") for one in names.split())
    return 200, {**answer, "vnp_SecureHash": _sha512(data)}


def _sha512(data: str) -> str:
    return hmac.new(VNPAY_SECRET.encode(), data.encode(), hashlib.sha512).hexdigest()


Speaks = Callable[[str, Any, bytes], tuple[int, dict[str, Any]]]


@contextmanager
def serving(speaks: Speaks) -> Iterator[Double]:
    """A stand-in on a free port of 127.0.0.1."""
    double = Double()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = speaks(self.path, self.headers, body)
            double.asked.append((self.path, answer))
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
