"""What is owed between a partner and us; and its settlement files of card payments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.partners.rules.offers import month_of
from campaigns.partners.selectors import partners as reads
from campaigns.partners.selectors.statements import Line, access_statement, lines_of
from campaigns.partners.services import settlements, statements
from loyalty.common.errors import Invalid
from loyalty.web.lists import csv_file
from loyalty.web.pages import DashboardView, FormView
from loyalty.web.papers import pdf_file

MAX_FILE = 200_000
COLUMNS = (
    "line",
    "redeemed_at",
    "offer",
    "code_ends_in",
    "redeemed_by",
    "bill_minor",
    "given_minor",
    "we_pay_minor",
    "they_pay_minor",
)


class CloseView(DashboardView):
    """Close a month."""

    permission = "partners:read"
    write_permission = "partners:transfer"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = reads.access_partner(self.kwargs["partner"])
        month = month_of(request.POST.get("month", "")[:7])
        done = statements.close_month(self.call(), partner=row.public_id, month=month)
        return self.go("partner_statement", done.id, text=_("The month is closed."))


class SettleForm(forms.Form):
    """How a statement was paid."""

    reference = forms.CharField(label=gettext_lazy("Reference of the transfer"), max_length=80)


class StatementView(FormView):
    """A closed month: its lines, and how it was paid."""

    permission = "partners:read"
    write_permission = "partners:transfer"
    template_name = "partners/statement.html"
    form_class = SettleForm

    def context(self, form: Any) -> dict[str, Any]:
        row = access_statement(self.kwargs["statement"])
        return {"form": form, "statement": row, "lines": lines_of(row)}

    def act(self, form: Any) -> HttpResponse:
        row = access_statement(self.kwargs["statement"])
        reference = form.cleaned_data["reference"]
        statements.settle_statement(self.call(), statement=row.public_id, reference=reference)
        return self.go("partner_statement", row.public_id, text=_("Settled."))


class StatementFileView(DashboardView):
    """The statement for the partner: as PDF, or as a table for a spreadsheet."""

    permission = "partners:read"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        row = access_statement(self.kwargs["statement"])
        name = f"{self.programme.slug}-{row.partner.code}-{row.month:%Y-%m}"
        if self.kwargs["kind"] == "csv":
            return csv_file(
                name, header=COLUMNS, rows=map(_columns, lines_of(row)), programme=self.programme
            )
        context = {**self.shell(), "statement": row, "lines": lines_of(row)}
        template = "partners/statement_file.html"
        return pdf_file(name, template=template, context=context, request=request)


def _columns(line: Line) -> tuple[object, ...]:
    row = line.redemption
    return (
        "redeemed" if line.sign > 0 else "taken_back",
        row.redeemed_at.isoformat(),
        row.offer.name,
        row.claim.code[-4:],
        row.redeemed_by,
        "" if row.bill_minor is None else row.bill_minor,
        row.given_minor,
        line.we_pay_minor,
        line.they_pay_minor,
    )


class SettlementForm(forms.Form):
    """A partner's file of card payments."""

    file = forms.FileField(label=gettext_lazy("CSV file"))


class SettlementView(FormView):
    """A settlement file, and what became of every row."""

    permission = "partners:read"
    write_permission = "partner_transactions:write"
    template_name = "partners/settlement.html"
    form_class = SettlementForm

    def context(self, form: Any) -> dict[str, Any]:
        return {
            "form": form,
            "partner": reads.access_partner(self.kwargs["partner"]),
            "columns": settlements.COLUMNS,
        }

    def act(self, form: Any) -> HttpResponse:
        row = reads.access_partner(self.kwargs["partner"])
        content = form.cleaned_data["file"].read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise Invalid("too_large", _("This file is too large. Send it in parts."), field="file")
        text = content.decode("utf-8-sig", errors="replace")
        done = settlements.import_settlement(self.call(), partner=row.public_id, text=text)
        return self.page({**self.context(self.build_form()), "done": done})
