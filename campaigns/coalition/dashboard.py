"""The coalition in the dashboard: the operator's merchants and months, a merchant's own statement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.coalition import forms, rules, selectors, services
from campaigns.coalition.models import Statement
from campaigns.coalition.selectors import Partner
from loyalty.commands.actor import Actor
from loyalty.tenancy.services import add_merchant
from loyalty.web.lists import csv_file, newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from loyalty.web.papers import pdf_file


class CoalitionView(DashboardView):
    """Who is in it, what runs out, which months wait; for a merchant's people, their own part."""

    permission = "coalition:read"
    template_name = "coalition/overview.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page(
            {
                "partners": selectors.partners(),
                "list": newest_first(selectors.runs(), request, limit=24),
                "open_statements": list(selectors.statements().filter(selectors.unsettled())[:24]),
                "month": rules.month_of(selectors.today().replace(day=1) - timedelta(days=1)),
                "at_one_merchant": self.actor.confined_to is not None,
                "statements": list(selectors.statements()[:24])
                if self.actor.confined_to is not None
                else [],
            }
        )


class NewMerchantView(FormView):
    """One more business."""

    permission = "merchants:write"
    template_name = "coalition/merchant_new.html"
    form_class = forms.MerchantForm

    def act(self, form: Any) -> HttpResponse:
        made = add_merchant(self.call(), **form.cleaned_data)
        return self.go("coalition_merchant", made.id, text=_("It is in. Now agree on terms."))


class MerchantView(FormView):
    """One merchant: its terms now, before and later, its blocks, and new terms."""

    permission = "coalition:read"
    write_permission = "coalition:write"
    template_name = "coalition/merchant.html"
    form_class: ClassVar[type[django_forms.Form]] = forms.TermsForm

    def partner(self) -> Partner:
        """The merchant of the address. Raises ``NotFound``."""
        return selectors.partner_of_id(self.kwargs["merchant"])

    def form_options(self) -> dict[str, Any]:
        return {"currency": self.programme.currency}

    def initial(self) -> dict[str, Any]:
        terms = self.partner().terms
        if terms is None or not terms.is_open:
            return {}
        names = ("billing", "issue_price_minor", "redeem_price_minor", "when_empty", "minimum")
        return {name: getattr(terms, name) for name in names}

    def context(self, form: Any) -> dict[str, Any]:
        one = self.partner()
        return {
            "form": form,
            "one": one,
            "terms": list(selectors.terms_of(one.merchant)[:50]),
            "blocks": selectors.blocks_of(one.merchant),
            "block_form": forms.BlockForm(currency=self.programme.currency),
        }

    def act(self, form: Any) -> HttpResponse:
        merchant = self.kwargs["merchant"]
        services.set_terms(self.call(), merchant=merchant, **form.cleaned_data)
        return self.go("coalition_merchant", merchant, text=_("Terms set."))


class BlockView(MerchantView):
    """One more block."""

    form_class = forms.BlockForm
    http_method_names = ["post"]

    def initial(self) -> dict[str, Any]:
        return {}

    def context(self, form: Any) -> dict[str, Any]:
        terms = forms.TermsForm(initial=super().initial(), currency=self.programme.currency)
        return {**super().context(terms), "block_form": form}

    def act(self, form: Any) -> HttpResponse:
        merchant = self.kwargs["merchant"]
        services.buy_block(self.call(), merchant=merchant, **form.cleaned_data)
        return self.go("coalition_merchant", merchant, text=_("Block recorded."))


class LeaveView(DashboardView):
    """A merchant goes from tomorrow on; or its rest was paid back."""

    permission = "coalition:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        merchant = self.kwargs["merchant"]
        if request.POST.get("act") == "rest":
            reference = request.POST.get("reference", "")[:80]
            services.refund_rest(self.call(), merchant=merchant, reference=reference)
            return self.go("coalition_merchant", merchant, text=_("Recorded."))
        services.leave(self.call(), merchant=merchant)
        return self.go("coalition_merchant", merchant, text=_("It leaves tomorrow."))


class RunView(DashboardView):
    """Draw a month up."""

    permission = "coalition:transfer"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        done = services.run_month(self.call(), month=request.POST.get("month", "")[:7])
        return self.go("coalition_month", done.id)


class MonthView(DashboardView):
    """The statements of a month, summing to zero."""

    permission = "coalition:read"
    write_permission = "coalition:transfer"
    template_name = "coalition/month.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        run = selectors.run_of_id(self.kwargs["run"])
        rows = list(selectors.statements(run=run))
        found = sorted(rows, key=lambda row: (row.merchant_id is None, row.merchant_id or 0))
        return self.page({"run": run, "statements": found})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        run = self.kwargs["run"]
        services.close_month(self.call(), run=run)
        return self.go("coalition_month", run, text=_("The month is closed."))


class StatementView(FormView):
    """One statement, and its payment."""

    permission = "coalition:read"
    write_permission = "coalition:transfer"
    template_name = "coalition/statement.html"
    form_class = forms.PaymentForm

    def statement(self) -> Statement:
        """The statement of the address. Raises ``NotFound``."""
        return selectors.statement_of_id(self.kwargs["statement"])

    def form_options(self) -> dict[str, Any]:
        return {"currency": self.programme.currency}

    def initial(self) -> dict[str, Any]:
        return {"amount_minor": self.statement().due_minor}

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, **_told(self.statement())}

    def act(self, form: Any) -> HttpResponse:
        statement = self.kwargs["statement"]
        services.record_payment(self.call(), statement=statement, **form.cleaned_data)
        return self.go("coalition_statement", statement, text=_("Payment recorded."))


class StatementFileView(DashboardView):
    """The statement as PDF, or as a table for a spreadsheet. Raises ``NotFound``."""

    permission = "coalition:read"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        row = selectors.statement_of_id(self.kwargs["statement"])
        whose = row.merchant.public_id if row.merchant else "programme"
        name = f"{self.programme.slug}-{row.run.month}-{whose}"
        if self.kwargs["kind"] == "csv":
            return csv_file(
                name,
                header=("line", "points", "price_per_1000_minor", "amount_minor", "original"),
                rows=[
                    (one.kind, one.units, one.price_minor, one.amount_minor, one.original)
                    for one in selectors.lines_of(row)
                ],
                programme=self.programme,
            )
        context = {**self.shell(), **_told(row)}
        return pdf_file(
            name, template="coalition/statement_file.html", context=context, request=request
        )


def _told(row: Statement) -> dict[str, Any]:
    """What page and paper say of a statement."""
    payment = getattr(row, "payment", None)
    return {"one": row, "lines": selectors.lines_of(row), "payment": payment}


class ClearingView(FormView):
    """Who keeps the money of expired points."""

    permission = "coalition:read"
    write_permission = "coalition:write"
    template_name = "coalition/clearing.html"
    form_class = forms.ClearingForm

    def initial(self) -> dict[str, Any]:
        return {"breakage_to": selectors.settings().breakage_to}

    def act(self, form: Any) -> HttpResponse:
        services.change_settings(self.call(), **form.cleaned_data)
        return self.go("coalition", text=saved())


def _low(actor: Actor, subject: Any) -> dict[str, Any] | None:
    """On the overview: whose prepaid points run out. No query outside of coalitions."""
    if not actor.programme.has_several_merchants:
        return None
    found = selectors.low_accounts()
    return {"low": found} if found else None


def _waiting(actor: Actor) -> int:
    if not actor.programme.has_several_merchants:
        return 0
    return selectors.statements().filter(selectors.unsettled()).count()


_MERCHANT = "coalition/merchants/<str:merchant>/"
_STATEMENT = "coalition/statements/<str:statement>/"
routes = [
    path("coalition/", CoalitionView.as_view(), name="coalition"),
    path("coalition/clearing/", ClearingView.as_view(), name="coalition_clearing"),
    path("coalition/merchants/new/", NewMerchantView.as_view(), name="coalition_merchant_new"),
    path(_MERCHANT, MerchantView.as_view(), name="coalition_merchant"),
    path(f"{_MERCHANT}block/", BlockView.as_view(), name="coalition_block"),
    path(f"{_MERCHANT}leave/", LeaveView.as_view(), name="coalition_leave"),
    path("coalition/months/run/", RunView.as_view(), name="coalition_run"),
    path("coalition/months/<str:run>/", MonthView.as_view(), name="coalition_month"),
    path(_STATEMENT, StatementView.as_view(), name="coalition_statement"),
    path(f"{_STATEMENT}<str:kind>/", StatementFileView.as_view(), name="coalition_file"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Coalition"),
        route="coalition",
        icon="users-group",
        section="programme",
        order=70,
        permission="coalition:read",
        count=_waiting,
    ),
)
panels = (
    Panel(
        place="overview",
        template="coalition/low.html",
        context=_low,
        order=10,
        permission="coalition:read",
        column="top",
    ),
)
