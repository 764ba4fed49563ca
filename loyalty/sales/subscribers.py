"""Sales that other apps settled: a paid box of a subscription, a paid membership."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound, Refused
from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.sales.models import Purchase
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, follow_bill, record_purchase, refund_purchase
from loyalty.tenancy.models import Merchant
from members.profiles.models import Member


@subscriber("sale.settled")
def record_settled_sale(event: Happened) -> None:
    """What an app sold by itself and was paid for becomes a purchase, once, with all it earns.

    The event's data: ``member``, ``merchant`` (public ids), ``receipt`` (the app's own number of
    the order: a second guard against counting twice), ``lines`` as of
    :class:`~loyalty.sales.rules.LineInput` and ``charge``, the bill that paid for it, where one did.
    A card that was erased meanwhile has no sales any more.
    """
    data = event.data
    member, charge = _living(data["member"]), data.get("charge", "")
    if member.state == Member.State.ERASED:
        return
    merchant = Merchant.objects.only("pk").get(public_id=data["merchant"])
    sold = record_purchase(
        event.call("record-settled-sale", merchant_id=merchant.pk),
        member=member.public_id,
        sale=SaleInput(
            lines=tuple(LineInput(**line) for line in data["lines"]),
            receipt=data["receipt"],
            happened_at=event.recorded_at,
            settled=True,
            is_order=True,
            charge=charge,
        ),
        source=Purchase.Source.ORDER,
    )
    if charge:
        # Money may have gone back before the sale was here.
        call = event.call("follow-bill", merchant_id=merchant.pk)
        follow_bill(call, purchase=sold.purchase)


@subscriber("payment.refunded")
def refund_what_the_bill_gave_back(event: Happened) -> None:
    """Money of a bill went back: what it paid for is refunded by as much."""
    for sold in Purchase.objects.select_related("merchant").filter(charge=event.data["charge"]):
        call = event.call(f"follow-bill:{sold.public_id}", merchant_id=sold.merchant_id)
        follow_bill(call, purchase=sold.public_id)


@subscriber("sale.cancelled")
def refund_cancelled_sale(event: Happened) -> None:
    """What became a purchase by ``sale.settled`` is taken back whole; refunded already, it stays so.
    Whoever says so has given the money back where it was paid.

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
        refund_purchase(call, purchase=purchase, reason="cancelled", at_bill=True)
    except Refused as error:
        if error.code != "already_refunded":
            raise


def _living(public_id: str) -> Member:
    """The card that a card was merged into meanwhile, or itself."""
    member: Member = Member.objects.select_related("merged_into").get(public_id=public_id)
    return _living(member.merged_into.public_id) if member.merged_into else member
