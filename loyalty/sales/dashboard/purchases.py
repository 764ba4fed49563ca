"""Sales in the dashboard: the list, and one sale with what it brought and what came back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.common.errors import DomainError, Forbidden, NotFound
from loyalty.engine.effects import LowerPrice
from loyalty.engine.explain import explain
from loyalty.engine.glossary import retold
from loyalty.ledger.figures import assets, unit_of
from loyalty.ledger.history import history
from loyalty.sales import selectors
from loyalty.sales.forms import PurchaseFilter, RefundForm
from loyalty.sales.models import Purchase
from loyalty.sales.services import refund_purchase
from loyalty.web import formats
from loyalty.web.forms import show_errors
from loyalty.web.lists import link, newest_first
from loyalty.web.navigation import render_panels
from loyalty.web.pages import DashboardView


class PurchasesView(DashboardView):
    """The list, newest first; by receipt, place, and what needs a look."""

    permission = "purchases:read"
    template_name = "sales/purchases.html"
    partial_name = "sales/purchase_rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        form = PurchaseFilter(request.GET)
        wanted = form.cleaned_data if form.is_valid() else {}
        text, show = wanted.get("q", ""), wanted.get("show", "")
        rows = selectors.filter_purchases(text=text, show=show, location=wanted.get("location", ""))
        return self.page(
            {
                "list": newest_first(rows, request),
                "q": text,
                "filters": [
                    {"label": label, "url": link(request, show=value), "active": value == show}
                    for value, label in PurchaseFilter.SHOW
                ],
            }
        )


class PurchaseView(DashboardView):
    """One sale: lines, effects with reasons, refunds, and the form that gives back."""

    permission = "purchases:read"
    write_permission = "refunds:write"
    template_name = "sales/purchase.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        purchase = selectors.purchase_of_id(self.kwargs["purchase"])
        return self._show(purchase, RefundForm(currency=purchase.currency))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        purchase = selectors.purchase_of_id(self.kwargs["purchase"])
        form = RefundForm(request.POST, currency=purchase.currency)
        if form.is_valid():
            try:
                done = refund_purchase(self.call(), purchase=purchase.public_id, **form.arguments())
            except (NotFound, Forbidden):
                raise
            except DomainError as error:
                show_errors(form, error)
            else:
                amount = formats.money_text(done.cash_minor, currency=done.currency)
                text = _("Refunded: give back %(amount)s.") % {"amount": amount}
                if done.cash_minor < done.amount_minor:
                    text += " " + _(
                        "The rest goes back as it was paid: points, vouchers or store credit."
                    )
                return self.go("purchase", purchase.public_id, text=text)
        return self._show(purchase, form, status=422)

    def _show(self, purchase: Purchase, form: RefundForm, status: int = 200) -> HttpResponse:
        answer = selectors.recorded(purchase)
        left = purchase.total_minor - purchase.refunded_minor
        moved = history(holder_id=purchase.member.holder_id, cause=purchase.public_id, limit=200)
        units = {one.code: unit_of(one) for one in assets()}
        by_effect = {(line.asset, line.reason): line for line in moved.lines}
        shared = self.shell() | {"purchase": purchase}
        return self.page(
            {
                "purchase": purchase,
                "lines": selectors.refundable_lines(purchase),
                "effects": [
                    {
                        "view": effect,
                        "rule": retold(effect.rule_name),
                        "why": explain(effect.reason, {"rule": effect.rule_name, **effect.details}),
                        "unit": units.get(effect.asset),
                        "is_price": effect.kind == LowerPrice.kind,
                        "line": by_effect.get((effect.asset, effect.reason)),
                    }
                    for effect in answer.effects
                ],
                "refunds": selectors.refunds_of(purchase),
                "left_minor": left,
                "form": form,
                "own_card": bool(purchase.activity.data.get("own_card")),
                "panels": render_panels(
                    "purchase",
                    actor=self.actor,
                    subject=purchase,
                    request=self.request,
                    shared=shared,
                ),
            },
            status=status,
        )
