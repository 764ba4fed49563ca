"""Bank transfer by VietQR: the payer's own bank app, our reference in the transfer's text.

Banks do not call small shops. Staff confirm what they see in their bank's app, or a service that
reads the account (SePay's protocol) tells us: a signed JSON per transfer, repeated until answered.
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
    Incoming,
    Notification,
    Setting,
    Started,
    UnreadableError,
)
from loyalty.payments.gateways.vietqr.banks import BANKS
from loyalty.payments.gateways.vietqr.payload import transfer_payload
from loyalty.payments.results import Order
from loyalty.payments.rules.references import find_references

_DRIFT_SECONDS = 300


class VietQr(Gateway):
    """A QR code every bank app in Vietnam reads."""

    name = "vietqr"
    label = _("Bank transfer (VietQR)")
    icon = "qrcode"
    mode = "qr"
    currencies = frozenset({"VND"})
    has_notifications = True
    settings = (
        Setting(name="bank", label=_("Bank"), choices=BANKS),
        Setting(
            name="account",
            label=_("Account number"),
            pattern=r"[0-9A-Za-z]{4,19}",
            maximum=19,
            help_text=_("4 to 19 digits or letters, without spaces."),
        ),
        Setting(name="holder", label=_("Account holder"), maximum=80),
        Setting(
            name="secret",
            label=_("Key of the transfer notifications"),
            is_secret=True,
            is_required=False,
            help_text=_(
                "From SePay or a service that speaks its protocol, signed with HMAC-SHA256. "
                "Without one, staff confirm transfers by hand."
            ),
        ),
    )
    advice = _("Money goes straight to this account. Nobody in between takes a share.")

    def start(self, order: Order, config: Config) -> Started:
        payload = transfer_payload(
            bank=config["bank"],
            account=config["account"],
            amount_minor=order.amount_minor,
            text=order.reference,
        )
        return Started(qr=payload)

    def read(self, incoming: Incoming, config: Config) -> Notification:
        _verify(incoming, config.get("secret", ""))
        try:
            told = json.loads(incoming.body)
            return _notification(told, config["account"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableError(type(error).__name__) from error

    def answer(self, outcome: str) -> Answer:
        if outcome == "forged":
            return Answer(status=401, body='{"success":false}')
        if outcome == "unreadable":
            return Answer(status=400, body='{"success":false}')
        if outcome == "error":
            return Answer(status=503, body='{"success":false}')
        return Answer(body='{"success":true}')


def _verify(incoming: Incoming, secret: str) -> None:
    """``X-SePay-Signature: sha256=<hex>`` over ``{timestamp}.{raw body}``, five minutes old at most."""
    stamp = incoming.headers.get("x-sepay-timestamp", "")
    given = incoming.headers.get("x-sepay-signature", "")
    if not secret or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        raise ForgedError
    made = hmac.new(secret.encode(), f"{stamp}.".encode() + incoming.body, hashlib.sha256)
    if not hmac.compare_digest(f"sha256={made.hexdigest()}".encode(), given.encode()):
        raise ForgedError
    if abs(incoming.at - int(stamp)) > _DRIFT_SECONDS:
        raise ForgedError


def _notification(told: dict[str, Any], account: str) -> Notification:
    amount = told["transferAmount"]
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise UnreadableError("transferAmount")
    ours = str(told.get("accountNumber", "")) == account or told.get("subAccount") == account
    came_in = told.get("transferType") == "in" and amount > 0 and ours
    texts = [str(told.get(name) or "") for name in ("code", "content", "description")]
    found = [one for text in texts for one in find_references(text)]
    return Notification(
        event_id=str(told["id"])[:100],
        kind="paid" if came_in else "ignored",
        references=tuple(dict.fromkeys(found)),
        amount_minor=amount if came_in else 0,
        currency="VND",
        payment_id=str(told["id"])[:100],
        note=str(told.get("content") or "")[:200],
        # What the account holds after it is nobody's business here.
        payload={name: value for name, value in told.items() if name != "accumulated"},
    )


GATEWAY = VietQr()
