"""What the outside hears about a bill: one form of event for all of them."""

from __future__ import annotations

from typing import Any

from loyalty.commands.decorator import Context
from loyalty.outbox.services import publish
from loyalty.payments.models import Charge


def tell(ctx: Context, event: str, charge: Charge, **more: Any) -> None:
    """Publish ``payment.<event>`` with what every subscriber needs, and ``more``."""
    data = {
        "charge": charge.public_id,
        "kind": charge.kind,
        "subject": charge.subject,
        "member": charge.member.public_id,
        "merchant": charge.merchant.public_id,
        "amount_minor": charge.amount_minor,
        "currency": charge.currency,
        "paid_minor": charge.paid_minor,
        "refunded_minor": charge.refunded_minor,
        **more,
    }
    publish(ctx, f"payment.{event}", subject=charge.member.public_id, data=data)
