"""At the till: what waits for this customer, handed over with one tap."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError
from loyalty.payments.selectors import waiting_charges
from loyalty.payments.services.starting import qr_of
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member
from tiers.subscriptions import selectors, services
from tiers.subscriptions.models import Order


class HandOverView(TillView):
    """A delivery is collected; what is missing on its bill is taken in cash."""

    permission = "orders:read"
    write_permission = "orders:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_order(self.kwargs["order"], merchant_id=self.staff.merchant_id)
        member = row.member.public_id
        cash = request.POST.get("cash") == "1"
        try:
            services.deliver_order(self.call(), order=row.public_id, cash=cash)
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        return self.go("member", member, text=_("Handed over."))


def bills_shown(actor: Actor, member: Member) -> set[str]:
    """Bills whose money is asked for with the delivery they are for, not once more beside it."""
    if not actor.may("orders:read"):
        return set()
    return {row.charge for row in _on_the_way(actor, member) if row.charge and not row.paid_at}


def _on_the_way(actor: Actor, member: Member) -> list[Order]:
    rows = selectors.orders(merchant_id=actor.merchant_id).filter(
        member=member, state__in=selectors.ON_THE_WAY
    )
    return list(rows.order_by("deliver_on", "id")[:5])


def _waiting(actor: Actor, member: Member) -> dict[str, Any] | None:
    bills = {row.public_id: (row, qr_of(row)) for row in waiting_charges(member)}
    found = [
        (row, selectors.shown(row), *bills.get(row.charge, (None, None)))
        for row in _on_the_way(actor, member)
    ]
    subscribed = selectors.subscriptions_of(member)
    if not found and not subscribed:
        return None
    return {
        "orders": found,
        "subscribed": subscribed,
        "may_write": actor.may("orders:write"),
        "sees_bills": actor.may("payments:read"),
        "may_take": actor.may("payments:write"),
    }


routes = [
    path(
        "deliveries/<str:order>/hand-over/", HandOverView.as_view(), name="subscription_hand_over"
    ),
]
panels = (
    Panel(
        place="till_member",
        template="subscriptions/till.html",
        context=_waiting,
        order=6,
        permission="orders:read",
    ),
)
