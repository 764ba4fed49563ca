"""Sales that other apps settled: a paid box of a subscription, a paid membership."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound, Refused
from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.sales.models import Purchase
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.models import Merchant
from members.profiles.models import Member


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
        member=_living(data["member"]),
        sale=SaleInput(
            lines=tuple(LineInput(**line) for line in data["lines"]),
            receipt=data["receipt"],
            happened_at=event.recorded_at,
            settled=True,
        ),
        source=Purchase.Source.ORDER,
    )


@subscriber("sale.cancelled")
def refund_cancelled_sale(event: Happened) -> None:
    """What became a purchase by ``sale.settled`` is taken back whole; refunded already, it stays so.

    The event's data: ``merchant`` and ``receipt``, as they were settled. Events are handed on in any
    order: where the sale is not here yet this fails, and the relay comes back to it.
    """
    merchant = Merchant.objects.only("pk").get(public_id=event.data["merchant"])
    rows = Purchase.objects.filter(merchant=merchant, receipt=event.data["receipt"])
    purchase = rows.values_list("public_id", flat=True).first()
    if purchase is None:
        raise NotFound("purchase_not_found", _("There is no such purchase."), field="receipt")
    call = event.call("refund-cancelled-sale", merchant_id=merchant.pk)
    try:
        refund_purchase(call, purchase=purchase, reason="cancelled")
    except Refused as error:
        if error.code != "already_refunded":
            raise


def _living(member: str) -> str:
    """The card that a card was merged into meanwhile, or itself."""
    merged = Member.objects.filter(public_id=member, merged_into__isnull=False)
    into = merged.values_list("merged_into__public_id", flat=True).first()
    return _living(into) if into else member
