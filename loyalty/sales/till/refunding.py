"""Taking back: undo one's own last sale, or refund by receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.common.errors import DomainError, Refused
from loyalty.sales import selectors
from loyalty.sales.forms import RefundForm
from loyalty.sales.models import Purchase
from loyalty.sales.services import refund_purchase
from loyalty.sales.till.finding import TillPage
from loyalty.web import formats
from loyalty.web.forms import show_errors


class UndoView(TillPage):
    """Undo: a whole refund of one's own last sale, within a quarter of an hour."""

    permission = "refunds:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        purchase = selectors.purchase_of_id(self.kwargs["purchase"])
        member = purchase.member.public_id
        if purchase.refunded_minor >= purchase.total_minor > 0:  # pressed twice, or sent again
            return self.go("member", member, text=_("It is taken back already."))
        if not selectors.can_undo(purchase, actor_id=self.actor.id):
            raise Refused(
                "undo_too_late",
                _("Only your own last sale can be undone, within 15 minutes. Refund it instead."),
            )
        refund_purchase(self.call(), purchase=purchase.public_id, reason=_("Undone at the till"))
        text = _("Undone. Everything it had brought is taken back.")
        return self.go("member", member, text=text)


class ReceiptView(TillPage):
    """Find a sale by its receipt number, or by the member's card."""

    permission = "refunds:write"
    template_name = "sales/till/receipts.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:80]
        found = selectors.purchases_by_receipt(text) if text else []
        if len(found) == 1:
            return self.go("refund", found[0].public_id)
        return self.page({"q": text, "found": found, "asked": bool(text)})


class RefundView(TillPage):
    """Give back a sale, or part of it."""

    permission = "refunds:write"
    template_name = "sales/till/refund.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        purchase = selectors.purchase_of_id(self.kwargs["purchase"])
        return self._show(purchase, RefundForm(currency=purchase.currency))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        purchase = selectors.purchase_of_id(self.kwargs["purchase"])
        form = RefundForm(request.POST, currency=purchase.currency)
        if form.is_valid():
            try:
                done = refund_purchase(self.call(), purchase=purchase.public_id, **form.arguments())
            except DomainError as error:
                show_errors(form, error)
            else:
                amount = formats.money_text(done.cash_minor, currency=done.currency)
                text = _("Refunded: give back %(amount)s.") % {"amount": amount}
                if done.cash_minor < done.amount_minor:
                    text += " " + _(
                        "The rest goes back as it was paid: points, vouchers or store credit."
                    )
                return self.go("sale", purchase.public_id, text=text)
        return self._show(purchase, form, status=422)

    def _show(self, purchase: Purchase, form: RefundForm, status: int = 200) -> HttpResponse:
        lines = selectors.refundable_lines(purchase)
        left = purchase.total_minor - purchase.refunded_minor
        context = {"purchase": purchase, "form": form, "lines": lines, "left_minor": left}
        return self.page(context, status=status)
