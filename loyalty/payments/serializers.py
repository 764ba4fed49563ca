"""Shapes of the payments API. What goes out is :class:`~loyalty.payments.results.ChargeView`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.payments.models import Charge, PaymentEvent
from loyalty.web.api import Body, Choice, Flag, Instant, Money, PublicId, Query, Text


class ChargeBody(Body):
    """A bill to be opened."""

    member = PublicId(prefix="mem")
    amount_minor = Money(minimum=1)
    kind = Text(maximum=60, help_text="Your own word for what is paid, such as `order`.")
    subject = Text(maximum=40, required=False, help_text="Your own id of it.")
    text_vi = Text(maximum=200, help_text="What it is for, as the payer reads it.")
    text_en = Text(maximum=200, required=False)
    due_at = Instant(required=False)
    expires_at = Instant(required=False)


class AmountBody(Body):
    """An amount; without one all that is missing."""

    amount_minor = Money(minimum=1, required=False)


class ConfirmTransferBody(AmountBody):
    """A transfer seen on the bank account."""

    note = Text(maximum=200, required=False)
    is_another = Flag(required=False, help_text="It came besides what paid the bill already.")


class CancelChargeBody(Body):
    """Why a bill is given up."""

    reason = Text(maximum=200, required=False)


class ChargeRefundBody(Body):
    """What goes back; without an amount all that may."""

    amount_minor = Money(minimum=1, required=False)
    reason = Text(maximum=200, required=False)
    by_hand = Flag(required=False, help_text="Given back already; the gateway is not asked.")


class MatchBody(Body):
    """Which payment a bill gets."""

    event = PublicId(prefix="pev", help_text="From the list of unmatched payments.")


@dataclass(frozen=True)
class UnmatchedPayment:
    """Money that came with a text naming no bill. ``note`` is what the payer wrote."""

    id: str
    gateway: str
    amount_minor: int
    reference: str
    note: str
    received_at: datetime


def present_unmatched(row: PaymentEvent) -> UnmatchedPayment:
    """A piece of unmatched money for the API."""
    return UnmatchedPayment(
        id=row.public_id,
        gateway=row.gateway,
        amount_minor=row.amount_minor,
        reference=row.reference,
        note=row.note,
        received_at=row.received_at,
    )


class ChargeQuery(Query):
    """Filters of the list of bills."""

    state = Choice(choices=Charge.State.values, required=False)
    attention = Choice(
        choices=("any", *[one for one in Charge.Attention.values if one]), required=False
    )
    member = PublicId(prefix="mem", required=False)
    kind = Text(maximum=60, required=False)
    subject = Text(maximum=40, required=False)
