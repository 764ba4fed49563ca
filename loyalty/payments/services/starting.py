"""A payer begins to pay: first we note the attempt, then the gateway is called, then its answer kept.

The call goes out between two commands: nobody waits for a foreign server while holding our locks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, command
from loyalty.common.errors import NotFound, Refused
from loyalty.payments.gateways import gateway_named
from loyalty.payments.gateways.base import Gateway, GatewayError, Started
from loyalty.payments.models import Charge, GatewayAccount
from loyalty.payments.results import ChargeView, Order
from loyalty.payments.rules.money import WAITING
from loyalty.payments.selectors import access_charge, account_in_use, config_of, view_of
from loyalty.payments.services.locking import charge_to_lock, the_charge

MAX_ATTEMPTS = 90


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The number of an attempt to pay at a gateway."""

    charge: str
    order_id: str


def ready_to_pay(
    call: Call, *, charge: str, gateway: str, payer_ip: str = "", language: str = ""
) -> Started:
    """Let a payer pay at a gateway: where to go on, or what the QR code says.

    Call it outside of any transaction. Raises ``NotFound``, ``Refused`` (``charge_not_open``,
    ``gateway_not_offered``, ``gateway_down``).
    """
    attempt = start_payment(call, charge=charge, gateway=gateway)
    row = access_charge(charge)
    way, account = _offered(row, gateway)
    order = order_of(row, account, payer_ip=payer_ip, language=language)
    try:
        started = way.start(order, config_of(account))
        if way.mode == "redirect" and not started.url.startswith("https://"):
            raise GatewayError("no address to go on to")
    except GatewayError as error:
        raise Refused(
            "gateway_down",
            _("This way to pay does not answer right now. Try again, or pay another way."),
            params={"reason": str(error)},
        ) from error
    if way.mode == "redirect":
        keep = Call(call.actor, f"{call.key[:200]}:kept")
        keep_started(keep, charge=charge, order_id=attempt.order_id, started=started)
    return started


@command(
    "payments.start_payment",
    label=_("Payment started"),
    permission="payments:write",
    lock=charge_to_lock,
)
def start_payment(ctx: Context, *, charge: str, gateway: str) -> Attempt:
    """Note that a payer goes to a gateway, under a number of its own.

    Raises ``NotFound`` and ``Refused`` (``charge_not_open``, ``gateway_not_offered``).
    """
    row = the_charge(ctx, charge)
    is_over = row.expires_at is not None and row.expires_at <= ctx.now
    if row.state not in WAITING or is_over:
        raise Refused("charge_not_open", _("This bill is not open any more."), field="charge")
    way, _account = _offered(row, gateway)
    if way.mode == "redirect":
        if row.attempts >= MAX_ATTEMPTS:
            raise Refused("too_many_attempts", _("Too many attempts. Ask the shop."))
        if row.order_id and row.started_at is not None:
            row.earlier_orders[row.order_id] = row.started_at.isoformat()
        row.attempts += 1
        row.order_id = f"{row.reference}{row.attempts:02d}"
        row.gateway_id, row.gateway_url = "", ""
        row.started_at = ctx.now
    row.gateway = way.name
    kept = "attempts order_id gateway_id gateway_url started_at earlier_orders gateway"
    row.save(update_fields=kept.split())
    ctx.about(row.public_id, gateway=way.name, attempt=row.attempts)
    return Attempt(charge=row.public_id, order_id=row.order_id)


@command(
    "payments.keep_started",
    label=_("Started payment kept"),
    permission="payments:write",
    lock=charge_to_lock,
)
def keep_started(ctx: Context, *, charge: str, order_id: str, started: Started) -> ChargeView:
    """What the gateway answered to an attempt, unless a later one has begun or money has come."""
    row = the_charge(ctx, charge)
    if row.order_id == order_id:
        row.gateway_id, row.gateway_url = started.gateway_id[:120], started.url[:2000]
        if row.state in WAITING:
            row.state = Charge.State.PENDING
        row.save(update_fields=["gateway_id", "gateway_url", "state"])
    ctx.about(row.public_id, order_id=order_id)
    return view_of(row)


def order_of(
    row: Charge, account: GatewayAccount, *, payer_ip: str = "", language: str = ""
) -> Order:
    """A bill as a gateway sees it. What is asked for is what is still missing."""
    slug = row.programme.slug
    said = language or get_language() or "vi"
    page = f"{settings.BASE_URL}/p/{slug}/pay"
    return Order(
        charge=row.public_id,
        order_id=row.order_id,
        reference=row.reference,
        amount_minor=row.standing.missing_minor or row.amount_minor,
        currency=row.currency,
        text=row.text_vi if said.startswith("vi") else row.text_en,
        language="vi" if said.startswith("vi") else "en",
        created_at=row.started_at or row.created_at,
        expires_at=row.expires_at,
        return_url=f"{page}/{row.public_id}/",
        notify_url=f"{page}/notify/{account.gateway}/{account.public_id}/",
        payer_ip=payer_ip,
        gateway_id=row.gateway_id,
    )


def began_at(row: Charge, order_id: str) -> datetime:
    """When this order of a bill began; where nobody kept it, the latest."""
    kept = row.earlier_orders.get(order_id)
    return datetime.fromisoformat(kept) if kept else row.started_at or row.created_at


def _offered(row: Charge, gateway: str) -> tuple[Gateway, GatewayAccount]:
    way = gateway_named(gateway)
    if way is None:
        raise NotFound("gateway_not_found", _("There is no such way to pay."), field="gateway")
    account = account_in_use(merchant_id=row.merchant_id, gateway=gateway)
    if account is None or not way.takes(row.currency):
        raise Refused(
            "gateway_not_offered", _("The shop does not offer this way to pay."), field="gateway"
        )
    return way, account


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """How to pay by bank transfer: what the QR code says, and the same to type by hand."""

    qr: str
    bank: str
    account: str
    holder: str
    text: str


def qr_of(row: Charge) -> Transfer | None:
    """The transfer a payer can make, where the shop takes transfers. Starts nothing, asks nobody."""
    way = gateway_named("vietqr")
    account = account_in_use(merchant_id=row.merchant_id, gateway="vietqr")
    if way is None or account is None or not way.takes(row.currency):
        return None
    values = account.values
    banks = dict(next(one.choices for one in way.settings if one.name == "bank"))
    return Transfer(
        qr=way.start(order_of(row, account), values).qr,
        bank=str(banks.get(values["bank"], values["bank"])),
        account=values["account"],
        holder=values["holder"],
        text=row.reference,
    )
