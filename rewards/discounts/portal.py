"""A member's better prices, and what they saved: was, now, and by which rule."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member
from rewards.discounts import selectors
from rewards.discounts.quotes import discounts_for

_PAGE = 20


class SavingsView(PortalView):
    """What every discount took off, newest first."""

    template_name = "discounts/savings.html"
    partial_name = "discounts/savings_rows.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        before = request.GET.get("before", "")
        start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0
        found = selectors.savings(self.member, before=start, limit=_PAGE + 1)
        shown, more = found[:_PAGE], len(found) > _PAGE
        context = {
            "savings": shown,
            "next_url": f"{request.path}?before={shown[-1].id}" if more else "",
            "saved_minor": selectors.saved_minor(self.member),
        }
        return self.page(context)


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    own, saved = discounts_for(actor.programme, member), selectors.saved_minor(member)
    return {"discounts": own, "saved_minor": saved} if own or saved else None


routes = [path("savings/", SavingsView.as_view(), name="savings")]
panels = (Panel(place="home", template="discounts/portal_home.html", context=_home, order=35),)
