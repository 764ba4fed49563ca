"""A gateway at our door, and a payer who goes to its page."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from loyalty.common.clock import now
from loyalty.payments.gateways.vnpay.signing import hash_data, sign
from loyalty.payments.models import Charge, GatewayAccount
from loyalty.payments.results import ChargeView
from loyalty.tenancy.scope import in_programme
from tests.loyalty.payments.bills import VIETQR
from tests.loyalty.payments.doubles import servers
from tests.world import Shop

STRIPE = {"secret_key": servers.STRIPE_KEY, "webhook_secret": servers.STRIPE_SIGNING}


VNPAY = {
    "mode": "sandbox",
    "tmn_code": servers.VNPAY_TERMINAL,
    "hash_secret": servers.VNPAY_SECRET,
}


class Knocking:
    """A gateway at our door."""

    def __init__(self, shop: Shop, account: GatewayAccount) -> None:
        self.url = f"/p/{shop.programme.slug}/pay/notify/{account.gateway}/{account.public_id}/"
        self.client = Client(enforce_csrf_checks=True)

    def post(self, body: bytes, **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(self.url, body, content_type="application/json", headers=given)

    def sepay(self, secret: str = "secret", **told: Any) -> Any:
        body = json.dumps(
            {"accountNumber": VIETQR["account"], "transferType": "in", **told}
        ).encode()
        at = str(int(now().timestamp()))
        made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return self.post(body, x_sepay_timestamp=at, x_sepay_signature=f"sha256={made}")

    def stripe(self, event: str, topic: str, **thing: Any) -> Any:
        body = json.dumps({"id": event, "type": topic, "data": {"object": thing}}).encode()
        signed = servers.stripe_signature(body, int(now().timestamp()))
        return self.post(body, stripe_signature=signed)

    def vnpay(self, **fields: str) -> dict[str, str]:
        signed = {**fields, "vnp_SecureHash": sign(hash_data(fields), servers.VNPAY_SECRET)}
        answer: dict[str, str] = self.client.get(f"{self.url}?{urlencode(signed)}").json()
        return answer


def start(shop: Shop, charge: ChargeView, gateway: str) -> Charge:
    """The payer presses the button; answers the bill with its order."""
    page = Client().post(charge.pay_path, {"gateway": gateway}, headers={"HX-Request": "true"})
    assert page.headers["HX-Redirect"].startswith("https://"), page.content
    with in_programme(shop.programme):
        row: Charge = Charge.objects.get(public_id=charge.id)
    assert row.state == "pending"
    return row
