"""A member's open bills at the till: take cash, or show the QR code."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError
from loyalty.payments import selectors, services
from loyalty.payments.services.starting import qr_of
from loyalty.web import formats
from loyalty.web.discovery import modules_named
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member


class TakeCashView(TillView):
    """All that is missing on a bill, in cash."""

    permission = "payments:read"
    write_permission = "payments:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_charge(self.kwargs["charge"], merchant_id=self.staff.merchant_id)
        member = row.member.public_id
        missing = row.standing.missing_minor
        amount = formats.money_text(missing, currency=row.currency)
        try:
            services.take_cash(self.call(), charge=row.public_id)
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        if not missing:  # the button was pressed twice: the cash is taken, once
            return self.go("member", member, text=_("This bill is paid."))
        return self.go("member", member, text=_("%(amount)s in cash taken.") % {"amount": amount})


def _bills(actor: Actor, member: Member) -> dict[str, Any] | None:
    # An app whose own panel asks for the money of a bill says so (``bills_shown`` in its till.py).
    told = {
        charge
        for module in modules_named("till")
        if hasattr(module, "bills_shown")
        for charge in module.bills_shown(actor, member)
    }
    rows = [
        row
        for row in selectors.waiting_charges(member)
        if actor.merchant_id in (None, row.merchant_id) and row.public_id not in told
    ]
    if not rows:
        return None
    return {"bills": [(row, qr_of(row)) for row in rows], "may_take": actor.may("payments:write")}


routes = [path("payments/<str:charge>/cash/", TakeCashView.as_view(), name="payment_cash")]
panels = (
    Panel(
        place="till_member",
        template="payments/till_bills.html",
        context=_bills,
        order=5,
        permission="payments:read",
    ),
)
