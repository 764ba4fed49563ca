"""Tickets at the till: scan one, see whose it is, let them in once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from community.events import selectors, services
from community.events.models import Seat
from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member


class TicketView(TillView):
    """Take a ticket by its code or QR: one scan lets in."""

    permission = "redemptions:read"
    write_permission = "redemptions:write"
    template_name = "events/till_ticket.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page({"code": request.GET.get("code", "").strip()[:60]})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        code = request.POST.get("code", "").strip()[:60]
        try:
            done = services.check_in(self.call(), code=code)
        except DomainError as error:
            return self.page({"code": code, "problem": str(error.message)}, status=422)
        seat = selectors.access_seat(done.seat)
        return self.page({"code": "", "done": seat, "owner": selectors.owner_of(seat)})


class LetInView(TillView):
    """Let the member in who stands here with a ticket."""

    permission = "redemptions:read"
    write_permission = "redemptions:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        seat = selectors.access_seat(self.kwargs["seat"])
        member = selectors.owner_of(seat).public_id
        try:
            services.check_in(self.call(), seat=seat.public_id)
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        text = _("%(event)s: let them in, %(n)s in all.")
        return self.go("member", member, text=text % {"event": seat.event.title, "n": seat.party})


def _door(actor: Actor, subject: None) -> dict[str, Any] | None:
    """A button to scan tickets, while the door of an event is open."""
    return {} if selectors.doors_open() else None


def _tickets(actor: Actor, member: Member) -> dict[str, Any] | None:
    """Tickets of events whose door is open."""
    rows = [one for one in selectors.my_tickets(member) if one.state == Seat.State.GOING]
    return {"tickets": rows[:5]} if rows else None


routes = [
    path("tickets/", TicketView.as_view(), name="tickets"),
    path("tickets/<str:seat>/in/", LetInView.as_view(), name="ticket_in"),
]
panels = (
    Panel(
        place="till_home",
        template="events/till_home.html",
        context=_door,
        order=30,
        permission="redemptions:write",
    ),
    Panel(
        place="till_member",
        template="events/till_member.html",
        context=_tickets,
        order=25,
        permission="redemptions:read",
    ),
)
