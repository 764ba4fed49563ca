"""Reads about payments, all in the programme in scope. The first four are for feature apps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.common.sealing import BrokenSealError, unseal
from loyalty.payments.gateways import all_gateways
from loyalty.payments.gateways.base import Config, Gateway, GatewayError
from loyalty.payments.models import (
    SECRETS_PURPOSE,
    Charge,
    ChargeRefund,
    GatewayAccount,
    PaymentEvent,
)
from loyalty.payments.results import ChargeView
from loyalty.payments.rules.money import SETTLED, WAITING
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member

CASH = "cash"


def charge(public_id: str) -> ChargeView:
    """A bill. Raises ``NotFound``."""
    return view_of(access_charge(public_id))


def charges_about(*, kind: str, subject: str) -> list[ChargeView]:
    """Every bill an app opened about a subject of its own, newest first."""
    rows = _charges().filter(kind=kind, subject=subject)
    return [view_of(row) for row in rows.order_by("-pk")]


def missing_of(charges: Iterable[str]) -> dict[str, int]:
    """What is still to be paid of bills, by public id. One query."""
    rows = Charge.objects.filter(public_id__in=[one for one in charges if one])
    return {row.public_id: row.standing.missing_minor for row in rows}


def open_charges_of(member: Member) -> list[ChargeView]:
    """The bills a member still has to pay, oldest first."""
    return [view_of(row) for row in waiting_charges(member)]


def ways_to_pay(*, merchant_id: int, currency: str) -> list[Gateway]:
    """The gateways a merchant has switched on for bills in this currency."""
    active = set(
        GatewayAccount.objects.filter(merchant=merchant_id, is_active=True).values_list(
            "gateway", flat=True
        )
    )
    return [one for one in all_gateways().values() if one.name in active and one.takes(currency)]


def view_of(row: Charge) -> ChargeView:
    """A row (with member and merchant loaded) as everybody else sees it."""
    standing = row.standing
    return ChargeView(
        id=row.public_id,
        state=row.state,
        amount_minor=row.amount_minor,
        currency=row.currency,
        paid_minor=row.paid_minor,
        refunded_minor=row.refunded_minor,
        missing_minor=standing.missing_minor,
        excess_minor=standing.excess_minor,
        attention=row.attention,
        kind=row.kind,
        subject=row.subject,
        text_vi=row.text_vi,
        text_en=row.text_en,
        reference=row.reference,
        gateway=row.gateway,
        member=row.member.public_id,
        merchant=row.merchant.public_id,
        pay_path=f"/p/{current_programme().slug}/pay/{row.public_id}/",
        due_at=row.due_at,
        expires_at=row.expires_at,
        created_at=row.created_at,
        paid_at=row.paid_at,
    )


def access_charge(public_id: str, *, merchant_id: int | None = None) -> Charge:
    """The row of a bill, of this merchant where one is given. Raises ``NotFound``."""
    rows = _charges().filter(public_id=public_id)
    if merchant_id is not None:
        rows = rows.filter(merchant=merchant_id)
    row = rows.first()
    if row is None:
        raise NotFound("charge_not_found", _("There is no such bill."), field="charge")
    return row


def waiting_charges(member: Member) -> list[Charge]:
    """The rows of the bills a member still has to pay, those of cards merged into theirs included,
    oldest first.
    """
    theirs = Q(member=member) | Q(member__merged_into=member)
    rows = _charges().filter(theirs, state__in=WAITING)
    return list(rows.order_by("pk"))


def filter_charges(
    *,
    merchant_id: int | None = None,
    state: str = "",
    attention: str = "",
    gateway: str = "",
    kind: str = "",
    text: str = "",
    member: str = "",
    subject: str = "",
) -> QuerySet[Charge]:
    """Bills by filters, unordered. ``attention`` ``any`` means all that wait for staff; those of cards
    merged into a member's are the member's.
    """
    rows = _charges()
    exact = {
        "merchant": merchant_id,
        "state": state,
        "gateway": gateway,
        "kind": kind,
        "subject": subject,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if member:
        theirs = Q(member__public_id=member) | Q(member__merged_into__public_id=member)
        rows = rows.filter(theirs)
    if attention == "any":
        rows = rows.exclude(attention="")
    elif attention:
        rows = rows.filter(attention=attention)
    words = text.strip()
    if words:
        reference = words.replace(" ", "").upper()[:12]
        rows = rows.filter(
            Q(reference=reference)
            | Q(public_id=words[:40])
            | Q(member__search_name__icontains=words[:80])
            | Q(text_vi__icontains=words[:80])
        )
    return rows


def count_attention(*, merchant_id: int | None) -> int:
    """How many bills and unmatched transfers wait for staff. Two queries."""
    waiting = filter_charges(merchant_id=merchant_id, attention="any").count()
    return waiting + unmatched(merchant_id=merchant_id).count()


def events_of(row: Charge) -> list[PaymentEvent]:
    """Everything told about a bill, oldest first."""
    return list(PaymentEvent.objects.filter(charge=row).order_by("pk"))


def refunds_of(row: Charge) -> list[ChargeRefund]:
    """Money that went back or is on its way, oldest first."""
    return list(ChargeRefund.objects.filter(charge=row).order_by("pk"))


def refundable_minor(row: Charge) -> int:
    """What may still go back: paid, less what went back, less what was asked of a gateway."""
    return row.standing.kept_minor - asked_minor(row)


def refunded_about(row: Charge, about: str) -> int:
    """What went back, or was asked of a gateway, for one of the things a bill paid for."""
    rows = ChargeRefund.objects.filter(charge=row, about=about).exclude(
        state=ChargeRefund.State.FAILED
    )
    return sum(rows.values_list("amount_minor", flat=True))


def asked_minor(row: Charge) -> int:
    """What gateways were asked to send back and have not yet."""
    asked = ChargeRefund.objects.filter(charge=row, state=ChargeRefund.State.ASKED)
    return sum(asked.values_list("amount_minor", flat=True))


def money_with_room(row: Charge, gateway: str, *, amount_minor: int) -> PaymentEvent | None:
    """The latest money that came through a gateway and can still send this much back."""
    came = PaymentEvent.objects.filter(
        charge=row, gateway=gateway, kind="paid", counted_minor__gte=amount_minor
    )
    for event in came.exclude(payment_id="").order_by("-pk"):
        back = ChargeRefund.objects.filter(charge=row, payment_id=event.payment_id)
        back = back.exclude(state=ChargeRefund.State.FAILED)
        if event.counted_minor - sum(back.values_list("amount_minor", flat=True)) >= amount_minor:
            return event
    return None


def money_of(row: Charge, payment_id: str) -> PaymentEvent:
    """The money of a bill by its gateway's name."""
    came: PaymentEvent = PaymentEvent.objects.filter(
        charge=row, payment_id=payment_id, kind="paid", counted_minor__gt=0
    ).latest("pk")
    return came


def reference_of_money(payment_id: str, *, gateway: str, merchant_id: int) -> str:
    """The reference of the bill that a gateway's money counted for; empty where none is known."""
    came = PaymentEvent.objects.filter(
        gateway=gateway, payment_id=payment_id, kind="paid", charge__merchant=merchant_id
    )
    found = came.exclude(payment_id="").values_list("charge__reference", flat=True).first()
    return found or ""


def unmatched(*, merchant_id: int | None) -> QuerySet[PaymentEvent]:
    """Money nobody could tell the bill of."""
    rows: QuerySet[PaymentEvent] = PaymentEvent.objects.filter(outcome="unmatched", kind="paid")
    if merchant_id is not None:
        rows = rows.filter(account__merchant=merchant_id)
    return rows


def accounts_of(merchant_id: int) -> dict[str, GatewayAccount]:
    """A merchant's gateway settings, by gateway."""
    rows = GatewayAccount.objects.filter(merchant=merchant_id)
    return {row.gateway: row for row in rows}


def account_in_use(*, merchant_id: int, gateway: str) -> GatewayAccount | None:
    """The merchant's account at a gateway, where it is switched on."""
    rows = GatewayAccount.objects.filter(merchant=merchant_id, gateway=gateway, is_active=True)
    return rows.first()


def account_of_id(public_id: str, *, gateway: str) -> GatewayAccount | None:
    """An account by its public id; one that was switched off still hears what is late."""
    rows: QuerySet[GatewayAccount] = GatewayAccount.objects.select_related("merchant")
    return rows.filter(public_id=public_id, gateway=gateway).first()


def config_of(account: GatewayAccount) -> Config:
    """All settings of an account, secrets opened. For talking to the gateway, never to be shown.

    Raises ``GatewayError`` where they are sealed with a key this server does not know: whoever talks
    to the gateway goes on as with one that does not answer, and nothing is counted or lost.
    """
    try:
        text = unseal(account.sealed, purpose=SECRETS_PURPOSE) if account.sealed else "{}"
    except BrokenSealError as error:
        raise GatewayError("its log-in is sealed with another secret key") from error
    return {**account.values, **json.loads(text)}


def pending_at_gateways(*, started_before: datetime, limit: int) -> list[Charge]:
    """Bills under way at a gateway that can be asked, started before and in the last two days."""
    asking = [one.name for one in all_gateways().values() if one.can_query]
    rows = _charges().filter(
        state=Charge.State.PENDING,
        gateway__in=asking,
        started_at__lt=started_before,
        started_at__gt=started_before - timedelta(days=2),
    )
    return list(rows.order_by("started_at")[:limit])


def settled_states() -> frozenset[str]:
    """States of a bill that was paid in full at some time."""
    return SETTLED


def _charges() -> QuerySet[Charge]:
    return Charge.objects.select_related("member", "merchant")
