"""Good causes in the dashboard: what each was given and is owed, and what was handed over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.donations import selectors, services
from campaigns.donations.models import Cause
from loyalty.web.forms import MinorField, WholeField
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem
from loyalty.web.pages import DashboardView, FormView


class PayoutForm(forms.Form):
    """What was handed over. A closed cause asks whether one knows that it is closed."""

    reference = forms.CharField(label=gettext_lazy("Reference of the transfer"), max_length=80)
    items = WholeField(
        label=gettext_lazy("Things handed over"), required=False, min_value=0, max_value=10**9
    )
    paid_on = forms.DateField(
        label=gettext_lazy("Paid on (empty: today)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    although_closed = forms.BooleanField(
        label=gettext_lazy("The cause is closed; pay out what it was given before")
    )

    def __init__(
        self, *args: Any, currency: str, is_open: bool, has_items: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_minor"] = MinorField(
            currency=currency,
            label=gettext_lazy("Amount (empty: all that is owed)"),
            required=False,
        )
        if is_open:
            del self.fields["although_closed"]
        if not has_items:
            del self.fields["items"]
        self.order_fields(["amount_minor", "items", "reference", "paid_on", "although_closed"])


class CausesView(DashboardView):
    """All causes."""

    permission = "donations:read"
    template_name = "donations/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page({"causes": selectors.figures(selectors.causes())})


class CauseView(FormView):
    """One cause: its totals, its payouts, the next one."""

    permission = "donations:read"
    write_permission = "donations:transfer"
    template_name = "donations/cause.html"
    form_class = PayoutForm

    def cause(self) -> Cause:
        """The cause of the address. Raises ``NotFound``."""
        return selectors.access_cause(self.kwargs["cause"])

    def form_options(self) -> dict[str, Any]:
        row = self.cause()
        return {
            "currency": self.programme.currency,
            "is_open": selectors.is_open(row),
            "has_items": selectors.figures_of(row).items > 0,
        }

    def context(self, form: Any) -> dict[str, Any]:
        row = self.cause()
        ways = selectors.ways_to(row)
        return {
            "form": form,
            "ways": ways,
            "one": selectors.figures_of(row),
            "is_open": selectors.is_open(row),
            "list": newest_first(selectors.payouts(cause=row), self.request),
        }

    def act(self, form: Any) -> HttpResponse:
        data, cause = form.cleaned_data, self.cause().family
        services.pay_out(
            self.call(),
            cause=cause,
            reference=data["reference"],
            amount_minor=data["amount_minor"],
            items=data.get("items") or 0,
            paid_on=data["paid_on"],
            although_closed=data.get("although_closed", False),
        )
        return self.go("cause", cause, text=_("Payout recorded."))


class ForgiveView(DashboardView):
    """Leave to a cause what refunds took back after it was paid."""

    permission = "donations:read"
    write_permission = "donations:transfer"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        cause = selectors.access_cause(self.kwargs["cause"]).family
        reason = request.POST.get("reason", "")[:80]
        services.forgive(self.call(), cause=cause, reason=reason)
        return self.go("cause", cause, text=_("It is left to the cause."))


routes = [
    path("causes/", CausesView.as_view(), name="causes"),
    path("causes/<str:cause>/", CauseView.as_view(), name="cause"),
    path("causes/<str:cause>/forgive/", ForgiveView.as_view(), name="cause_forgive"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Good causes"),
        route="causes",
        icon="heart",
        section="programme",
        order=60,
        permission="donations:read",
    ),
)
