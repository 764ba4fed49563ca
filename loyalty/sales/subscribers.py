"""Sales that other apps settled: a paid box of a subscription, a paid membership."""

from __future__ import annotations

from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.sales.models import Purchase
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import Merchant


@subscriber("sale.settled")
def record_settled_sale(event: Happened) -> None:
    """What an app sold by itself and was paid for becomes a purchase, once, with all it earns.

    The event's data: ``member``, ``merchant`` (public ids), ``receipt`` (the app's own number of
    the order: a second guard against counting twice) and ``lines`` as of
    :class:`~loyalty.sales.rules.LineInput`.
    """
    data = event.data
    merchant = Merchant.objects.only("pk").get(public_id=data["merchant"])
    record_purchase(
        event.call("record-settled-sale", merchant_id=merchant.pk),
        member=data["member"],
        sale=SaleInput(
            lines=tuple(LineInput(**line) for line in data["lines"]),
            receipt=data["receipt"],
            happened_at=event.recorded_at,
        ),
        source=Purchase.Source.ORDER,
    )
