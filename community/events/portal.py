"""Events on the members' pages: what is coming, one event, my ticket to show at the door."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from community.events import selectors, services
from community.events.models import Event, Seat
from community.events.rules import (
    MAX_GUESTS,
    CalendarEntry,
    calendar,
    is_free_to_cancel,
    points_back,
    shown_code,
)
from loyalty.commands.actor import Actor
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import Invalid
from loyalty.engine.conditions import parse
from loyalty.engine.ports import usable_vouchers
from loyalty.engine.promises import whom
from loyalty.ledger.assets import asset_view_of
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member

_SHOWN_AT_HOME = 3


def _unit() -> str:
    return asset_view_of("points").name(get_language() or "vi")


class EventsView(PortalView):
    """What is coming, and what I said to it."""

    needs_member: ClassVar[bool] = False
    template_name = "events/portal_list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rows = selectors.for_member(selectors.coming(), self.member)
        mine = selectors.latest_seats(rows, self.member)
        pictures = selectors.pictures_of(rows)
        shown = [
            {"event": one, "seat": mine.get(one.pk), "picture": pictures.get(one.public_id)}
            for one in rows
        ]
        return self.page({"events": shown, "unit": _unit()})


class EventView(PortalView):
    """One event: what, where, when, and my answer."""

    needs_member: ClassVar[bool] = False
    template_name = "events/portal_event.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_shown(self.kwargs["event"])
        seat = selectors.latest_seats([row], self.member).get(row.pk)
        standing = seat if seat and seat.state in selectors.STANDS else None
        is_mine = bool(self.member and selectors.for_member([row], self.member))
        holds = bool(self.member and row.reward and usable_vouchers(self.member, reward=row.reward))
        context = {
            "event": row,
            "picture": selectors.pictures_of([row]).get(row.public_id),
            "seat": seat,
            "standing": standing,
            "line": selectors.place_in_line(seat) if seat else 0,
            "is_open": row.state == Event.State.LIVE and row.starts_at > clock_now(),
            "is_over": row.ends_at <= clock_now(),
            "is_mine": is_mine,
            "whom": whom(parse(row.audience)) if row.audience else "",
            "holds_voucher": holds,
            "shows_link": bool(row.link and seat and seat.state == Seat.State.GOING),
            "guest_numbers": range(min(row.guests_most, MAX_GUESTS) + 1),
            "unit": _unit(),
            **_giving_back(standing),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if self.member is None:
            return self._to_login()
        row = selectors.access_shown(self.kwargs["event"])
        act = request.POST.get("act", "")
        if act in ("yes", "no"):
            guests = request.POST.get("guests", "0") or "0"
            if not (guests.isascii() and guests.isdigit() and len(guests) < 4):
                raise Invalid("not_an_integer", _("Give a whole number."), field="guests")
            done = services.answer_event(
                self.call(),
                member=self.member.public_id,
                event=row.public_id,
                coming=act == "yes",
                guests=int(guests) if act == "yes" else 0,
            )
            return self._answered(row, done.state)
        seat = selectors.standing_seat(row, self.member)
        if seat is None or act not in ("cancel", "accept"):
            raise Invalid("unknown_action", _("This page has no such button."))
        if act == "accept":
            done = services.accept_place(self.call(), seat=seat.public_id)
            return self._answered(row, done.state)
        services.cancel_seat(self.call(), seat=seat.public_id)
        return self.go("event", row.public_id, text=_("Cancelled. Thank you for telling us."))

    def _answered(self, row: Event, state: str) -> HttpResponse:
        if state == Seat.State.GOING:
            return self.go("event", row.public_id, text=_("See you there! Here is your ticket."))
        if state == Seat.State.WAITING:
            text = _("You are on the waiting list. We tell you when a place is free.")
            return self.go("event", row.public_id, text=text)
        return self.go("event", row.public_id, text=_("Thank you for telling us."))


def _giving_back(seat: Seat | None) -> dict[str, Any]:
    """What cancelling now would give back."""
    if seat is None or seat.state != Seat.State.GOING:
        return {}
    free = is_free_to_cancel(
        starts_at=seat.event.starts_at,
        refund_hours=seat.event.refund_hours,
        moved=seat.was_moved,
        now=clock_now(),
    )
    back = points_back(seat.cost_points, free=free, late_refund_bp=seat.event.late_refund_bp)
    return {
        "code": shown_code(seat.code),
        "qr": seat.code,
        "is_free": free,
        "back": back,
        "costs": bool(seat.cost_points or seat.voucher),
    }


class TicketsView(PortalView):
    """My tickets and places in line; what was."""

    template_name = "events/portal_tickets.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        tickets = selectors.my_tickets(self.member)
        known = {seat.pk for seat in tickets}
        before = selectors.seats_of(self.member).exclude(pk__in=known).order_by("-pk")[:30]
        shown = [{"seat": one, "line": selectors.place_in_line(one)} for one in tickets]
        return self.page({"tickets": shown, "before": before})


class CalendarView(PortalView):
    """The event as a file for any calendar; the link only for who has a ticket."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_shown(self.kwargs["event"])
        seat = selectors.latest_seats([row], self.member).get(row.pk)
        has_ticket = seat is not None and seat.state == Seat.State.GOING
        link = row.link if has_ticket else ""
        page = request.build_absolute_uri(self.url("event", row.public_id))
        text = calendar(
            CalendarEntry(
                uid=row.public_id,
                title=row.title,
                about="\n".join(part for part in (row.about, link) if part),
                where=row.place,
                url=page,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                made_at=clock_now(),
                sequence=row.moves,
                cancelled=row.state == Event.State.CANCELLED,
            )
        )
        answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{row.public_id}.ics"'
        return answer


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    rows = selectors.for_member(selectors.coming(), member)
    if not rows:
        return None
    mine = selectors.latest_seats(rows, member)
    shown = [{"event": one, "seat": mine.get(one.pk)} for one in rows]
    # What I answered stands first.
    shown.sort(key=lambda one: one["seat"] is None or one["seat"].state not in selectors.STANDS)
    return {"events": shown[:_SHOWN_AT_HOME]}


def _landing(actor: Actor, member: None) -> dict[str, Any] | None:
    rows = selectors.for_member(selectors.coming(), None)[:_SHOWN_AT_HOME]
    return {"events": [{"event": one, "seat": None} for one in rows]} if rows else None


routes = [
    path("events/", EventsView.as_view(), name="events"),
    path("events/tickets/", TicketsView.as_view(), name="tickets"),
    path("events/<str:event>/", EventView.as_view(), name="event"),
    path("events/<str:event>/event.ics", CalendarView.as_view(), name="event_calendar"),
]
panels = (
    Panel(place="home", template="events/portal_panel.html", context=_home, order=35),
    Panel(place="landing", template="events/portal_panel.html", context=_landing, order=35),
)
