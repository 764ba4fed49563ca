"""The one interface of every way to be paid. A folder beside this file with a ``GATEWAY`` is one more.

A gateway knows its own protocol and nothing of ours: it gets an :class:`~loyalty.payments.results.Order`
and the merchant's settings, and reads what it is told into a :class:`Notification`. It writes nothing.
Calls go out outside of any transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import httpx
from django.conf import settings
from django.utils.functional import Promise

from loyalty.payments.results import Order

Text = str | Promise
Kind = Literal["paid", "failed", "pending", "refunded", "unrefunded", "ignored"]
Mode = Literal["manual", "qr", "redirect"]
TIMEOUT_SECONDS = 10.0


class ForgedError(Exception):
    """The signature is missing or wrong: nobody we know said this."""


class UnreadableError(Exception):
    """Signed well, and still not what the gateway's documents describe."""


class GatewayError(Exception):
    """The gateway refused or could not be reached. ``is_final``: asking again is of no use."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing a merchant enters. A secret is sealed and never shown again."""

    name: str
    label: Text
    help_text: Text = ""
    is_secret: bool = False
    is_required: bool = True
    choices: Sequence[tuple[str, Text]] = ()
    pattern: str = ""
    maximum: int = 200
    initial: str = ""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A request as it came in, its body untouched."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    at: int  # unix seconds


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What a gateway told, verified.

    Args:
        event_id: its own name of this news; the same again is a duplicate.
        references: what may be the reference of the bill, the likeliest first.
        order_id: which attempt it is about; empty where the gateway knows no attempts.
        payment_id: its name of the money; two pieces of news about the same money count once.
        amount_minor: for ``refunded``: all of that money that went back so far.
            for ``unrefunded``: of the refund that did not go through after all.
        refund_ids: which refund it is about, by our name and the gateway's; the gateway's last.
        payload: what is kept to be looked at, before card data is taken out.
    """

    event_id: str
    kind: Kind
    references: tuple[str, ...] = ()
    order_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    payment_id: str = ""
    refund_ids: tuple[str, ...] = ()
    note: str = ""
    payload: Any = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the gateway wants to hear."""

    status: int = 200
    body: str = ""
    content_type: str = "application/json"


@dataclass(frozen=True, kw_only=True)
class Started:
    """What the payer goes on with: an address, or the text of a QR code, or nothing."""

    url: str = ""
    qr: str = ""
    gateway_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundAsked:
    """A refund as a gateway is asked for it. ``id`` makes asking twice harmless."""

    id: str
    order: Order
    payment_id: str
    amount_minor: int
    is_whole: bool
    reason: str
    paid_at: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundAnswer:
    """What came of it. Not ``is_done``: it is under way and will be told later."""

    gateway_id: str = ""
    is_done: bool = True
    note: str = ""


Config = Mapping[str, str]


class Gateway:
    """A way to be paid. What a gateway cannot do it leaves as it stands here."""

    name: ClassVar[str]
    label: ClassVar[Text]
    icon: ClassVar[str] = "credit-card"
    mode: ClassVar[Mode]
    settings: ClassVar[tuple[Setting, ...]] = ()
    currencies: ClassVar[frozenset[str]] = frozenset()  # empty: all
    has_notifications: ClassVar[bool] = False
    can_refund: ClassVar[bool] = False
    can_query: ClassVar[bool] = False
    # Shown beside the settings: where the gateway shall send its news, and what else to do there.
    advice: ClassVar[Text] = ""

    def takes(self, currency: str) -> bool:
        """Can bills in this currency be paid here?"""
        return not self.currencies or currency in self.currencies

    def start(self, order: Order, config: Config) -> Started:
        """Let the payer pay. Raises ``GatewayError``."""
        raise NotImplementedError

    def read(self, incoming: Incoming, config: Config) -> Notification:
        """Verify and read news. Raises ``ForgedError``, ``UnreadableError``."""
        raise NotImplementedError

    def answer(self, outcome: str) -> Answer:
        """What to reply: an outcome of ``Recorded``, or ``forged``, ``unreadable``, ``error``."""
        raise NotImplementedError

    def refund(self, asked: RefundAsked, config: Config) -> RefundAnswer:
        """Send money back. Raises ``GatewayError``."""
        raise NotImplementedError

    def query(self, order: Order, config: Config) -> Notification | None:
        """Ask how an order stands; ``None`` while nothing is known. Raises ``GatewayError``."""
        raise NotImplementedError


@dataclass(frozen=True)
class Hosts:
    """Where a gateway lives: for real money, and for trying out."""

    name: str
    live: str
    sandbox: str = field(default="")

    def of(self, config: Config) -> str:
        """The address to call, without a slash at its end."""
        moved: Mapping[str, str] = getattr(settings, "PAYMENT_HOSTS", {})  # stand-ins in tests
        if self.name in moved:
            return moved[self.name]
        return self.sandbox if config.get("mode") == "sandbox" and self.sandbox else self.live


def exchange(method: str, url: str, **options: Any) -> dict[str, Any]:
    """One call to a gateway, answered by a JSON object. Raises ``GatewayError``."""
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            response = client.request(method, url, **options)
            found = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise GatewayError(f"{type(error).__name__}") from error
    if not isinstance(found, dict):
        raise GatewayError("not a JSON object")
    if response.status_code >= 500:
        raise GatewayError(f"HTTP {response.status_code}")
    if response.status_code >= 400:
        told = found.get("error", found)
        message = told.get("message", "") if isinstance(told, dict) else told
        raise GatewayError(f"HTTP {response.status_code}: {message}"[:180], is_final=True)
    return found
