"""Payments in the dashboard: bills, what waits for staff, one bill with its news, gateways' settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError, Invalid, NotFound
from loyalty.payments import selectors, services
from loyalty.payments.forms import SHOW, AccountForm, RefundForm, TransferForm
from loyalty.payments.gateways import all_gateways, gateway_named
from loyalty.payments.gateways.base import Gateway
from loyalty.payments.models import Charge
from loyalty.payments.rules.money import LATE, WAITING
from loyalty.web.forms import show_errors
from loyalty.web.lists import link, newest_first
from loyalty.web.navigation import MenuItem, unreadable_panel
from loyalty.web.pages import DashboardView, FormView, saved

_WRITE = "payments:write"


class PaymentsView(DashboardView):
    """The list of bills, newest first, and money nobody can tell the bill of."""

    permission = "payments:read"
    template_name = "payments/charges.html"
    partial_name = "payments/charge_rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text, show = request.GET.get("q", "")[:80], request.GET.get("show", "")[:12]
        if show not in dict(SHOW):
            show = ""
        wanted = {"attention": show} if show == "any" else {"state": show}
        merchant_id = self.staff.merchant_id
        rows = selectors.filter_charges(merchant_id=merchant_id, text=text, **wanted)
        unmatched = selectors.unmatched(merchant_id=merchant_id).order_by("-pk")[:20]
        return self.page(
            {
                "list": newest_first(rows, request),
                "q": text,
                "unmatched": unmatched if show in ("", "any") and not text else [],
                "may_configure": self.may("payments:configure"),
                "filters": [
                    {"label": label, "url": link(request, show=value), "active": value == show}
                    for value, label in SHOW
                ],
            }
        )


class PaymentView(DashboardView):
    """A bill: how it stands, what was told, and what staff can do. One button does one thing."""

    permission = "payments:read"
    write_permission = _WRITE
    template_name = "payments/charge.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = self._charge()
        return self._show(row)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = self._charge()
        act = request.POST.get("act", "")
        forms = self._forms(row, act)
        if act in forms and not forms[act].is_valid():
            return self._show(row, forms, status=422)
        try:
            text = self._act(row, act, forms)
        except DomainError as error:
            if act not in forms:
                raise
            show_errors(forms[act], error)
            return self._show(row, forms, status=422)
        return self.go("payment", row.public_id, text=text)

    def _act(self, row: Charge, act: str, forms: dict[str, Any]) -> str:
        charge = row.public_id
        simple: dict[str, tuple[Callable[..., Any], str]] = {
            "cash": (services.take_cash, _("Cash taken.")),
            "cancel": (services.cancel_charge, _("The bill is cancelled.")),
            "accept": (services.accept_late, _("The late payment counts.")),
            "dismiss": (services.dismiss_attention, _("Marked as dealt with.")),
        }
        if act == "confirm":
            services.confirm_transfer(self.call(), charge=charge, **forms[act].values())
            return _("The transfer is recorded.")
        if act == "refund":
            done = services.refund_charge(self.call(), charge=charge, **forms[act].cleaned_data)
            asked = done.state == "asked"
            return _("The gateway is sending it back.") if asked else _("Recorded as given back.")
        if act == "match":
            services.match_event(
                self.call(), charge=charge, event=self.request.POST.get("event", "")[:40]
            )
            return _("The payment belongs to this bill now.")
        if act not in simple:
            raise Invalid("unknown_action", _("This page has no such button."))
        command, text = simple[act]
        command(self.call(), charge=charge)
        return text

    def _charge(self) -> Charge:
        return selectors.access_charge(self.kwargs["charge"], merchant_id=self.staff.merchant_id)

    def _forms(self, row: Charge, act: str = "") -> dict[str, Any]:
        data = self.request.POST
        most = selectors.refundable_minor(row)
        return {
            "confirm": TransferForm(data if act == "confirm" else None, charge=row),
            "refund": RefundForm(data if act == "refund" else None, charge=row, most=most),
        }

    def _show(
        self, row: Charge, forms: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        forms = forms or self._forms(row)
        waiting = row.state in WAITING
        unmatched = selectors.unmatched(merchant_id=row.merchant_id).order_by("-pk")[:20]
        refunds = selectors.refunds_of(row)
        context = {
            "charge": row,
            "standing": row.standing,
            "events": selectors.events_of(row),
            "refunds": refunds,
            "has_returned": any(one.state == "returned" for one in refunds),
            "way": gateway_named(row.gateway),
            "is_open": waiting,
            "may_write": self.may(_WRITE),
            "may_accept": row.attention == LATE and row.standing.kept_minor >= row.amount_minor,
            "may_refund": selectors.refundable_minor(row) > 0,
            "transfer_form": forms["confirm"],
            "refund_form": forms["refund"],
            "unmatched": unmatched if row.standing.missing_minor else [],
        }
        return self.page(context, status=status)


class GatewaysView(DashboardView):
    """Ways to be paid, and whether they are switched on."""

    permission = "payments:configure"
    template_name = "payments/gateways.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        accounts = selectors.accounts_of(self.staff.merchant_id)
        ways = [(one, accounts.get(one.name)) for one in all_gateways().values()]
        return self.page({"ways": ways})


class GatewayView(FormView):
    """The settings of one gateway; secrets go in and never come out."""

    permission = "payments:configure"
    template_name = "payments/gateway.html"
    form_class = AccountForm

    def way(self) -> Gateway:
        """The gateway of the address. Raises ``NotFound``."""
        found = gateway_named(self.kwargs["gateway"])
        if found is None:
            raise NotFound("gateway_not_found", _("There is no such way to pay."))
        return found

    def form_options(self) -> dict[str, Any]:
        way = self.way()
        account = selectors.accounts_of(self.staff.merchant_id).get(way.name)
        return {"gateway": way, "account": account}

    def context(self, form: Any) -> dict[str, Any]:
        options = self.form_options()
        account = options["account"]
        address = ""
        if account is not None and options["gateway"].has_notifications:
            slug = self.programme.slug
            address = (
                f"{settings.BASE_URL}/p/{slug}/pay/notify/{account.gateway}/{account.public_id}/"
            )
        return {"form": form, "way": options["gateway"], "account": account, "address": address}

    def act(self, form: Any) -> HttpResponse:
        way = self.way()
        services.save_account(
            self.call(),
            gateway=way.name,
            is_active=form.cleaned_data["is_active"],
            values=form.values(),
            revision=form.cleaned_data["revision"],
        )
        return self.go("payment_gateway", way.name, text=saved())


def _unreadable(actor: Actor) -> list[tuple[str, str]]:
    slug = actor.programme.slug
    return [
        (str(way.label), reverse("dashboard:payment_gateway", args=[slug, way.name]))
        for name, account in selectors.accounts_of(actor.merchant_id or 0).items()
        if account.is_unreadable and (way := gateway_named(name)) is not None
    ]


def _waiting(actor: Actor) -> int:
    return selectors.count_attention(merchant_id=actor.merchant_id)


routes = [
    path("payments/", PaymentsView.as_view(), name="payments"),
    path("payments/gateways/", GatewaysView.as_view(), name="payment_gateways"),
    path("payments/gateways/<slug:gateway>/", GatewayView.as_view(), name="payment_gateway"),
    path("payments/<str:charge>/", PaymentView.as_view(), name="payment"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Payments"),
        route="payments",
        icon="cash",
        order=45,
        permission="payments:read",
        count=_waiting,
    ),
)
panels = (
    unreadable_panel(
        gettext_lazy("Ways to be paid that cannot be used"),
        _unreadable,
        permission="payments:configure",
    ),
)
