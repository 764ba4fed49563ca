"""Events in the dashboard: written, published, called off; who comes, and the door on a phone."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from community.events import selectors, services
from community.events.forms import EventForm, GuestForm
from community.events.models import Event, Seat
from loyalty.commands.actor import Actor
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.engine.ports import reward_names
from loyalty.engine.rule_rows import condition_text
from loyalty.ledger.assets import asset_view_of
from loyalty.web import formats
from loyalty.web.forms import picture_of
from loyalty.web.lists import csv_file, newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from loyalty.web.photos import KeptPhoto
from members.profiles.models import Member
from members.profiles.selectors import find_member

_DOOR_LIST = 300
_LINE_SHOWN = 20


class EventsView(DashboardView):
    """All events, the newest first."""

    permission = "events:read"
    template_name = "events/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state = request.GET.get("state", "")
        state = state if state in Event.State.values else ""
        found = newest_first(selectors.events(state=state), request)
        return self.page({"list": found, "state": state, "states": Event.State.choices})


class _EventFormView(FormView):
    """What a new and a known event share."""

    permission = write_permission = "events:write"
    template_name = "events/form.html"

    def event(self) -> Event | None:
        """The event that is changed; ``None`` for a new one. Raises ``NotFound``."""
        raise NotImplementedError

    def keep(self, form: EventForm, picture: KeptPhoto | None) -> str:
        """Write it; answers the event's id."""
        raise NotImplementedError

    def build_form(self, data: Any = None, files: Any = None) -> EventForm:
        return EventForm(data, files, event=self.event())

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "event": self.event()}

    def act(self, form: EventForm) -> HttpResponse:
        # The picture is looked at first: one that is none writes nothing.
        return self.go("event", self.keep(form, picture_of(form)), text=saved())


class NewEventView(_EventFormView):
    """A new event; publishing it is the next step."""

    def event(self) -> None:
        return None

    def keep(self, form: EventForm, picture: KeptPhoto | None) -> str:
        done = services.create_event(self.call(), event=form.event(), picture=picture)
        return done.event


class EditEventView(_EventFormView):
    """An event written anew."""

    def event(self) -> Event:
        return selectors.access_event(self.kwargs["event"])

    def keep(self, form: EventForm, picture: KeptPhoto | None) -> str:
        done = services.edit_event(
            self.call(),
            event=self.kwargs["event"],
            values=form.event(),
            revision=form.cleaned_data["revision"],
            picture=picture,
        )
        return done.event


class EventView(DashboardView):
    """One event: how it fills, who comes, what can be done."""

    permission = "events:read"
    template_name = "events/event.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self._shown(GuestForm())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        self.actor.require("events:write")
        event, act = self.kwargs["event"], request.POST.get("act", "")
        selectors.access_event(event)
        if act == "publish":
            services.publish_event(self.call(), event=event)
            return self.go("event", event, text=_("Members see it now."))
        if act == "call_off":
            reason = request.POST.get("reason", "")[:300]
            services.cancel_event(self.call(), event=event, reason=reason)
            return self.go("event", event, text=_("Called off. Everybody is told."))
        if act == "no_picture":
            services.set_picture(self.call(), event=event, picture=None)
            return self.go("event", event, text=saved())
        return self._answer_for_member(event)

    def _answer_for_member(self, event: str) -> HttpResponse:
        form = GuestForm(self.request.POST)
        if form.is_valid():
            found = find_member(form.cleaned_data["member"])
            if found is None:
                form.add_error("member", _("No such member in this programme."))
            else:
                try:
                    done = services.answer_event(
                        self.call(),
                        member=found.member.public_id,
                        event=event,
                        guests=form.cleaned_data["guests"] or 0,
                    )
                except DomainError as error:
                    form.add_error(None, str(error.message))
                else:
                    on_list = done.state == Seat.State.WAITING
                    text = _("On the waiting list.") if on_list else _("They have a place.")
                    return self.go("event", event, text=text)
        return self._shown(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _shown(self, form: GuestForm, status: int = HTTPStatus.OK) -> HttpResponse:
        row = selectors.access_event(self.kwargs["event"])
        state = self.request.GET.get("state", "")
        state = state if state in Seat.State.values else ""
        found = newest_first(selectors.guests(row, state=state), self.request)
        reward = reward_names([row.reward]).get(row.reward, row.reward) if row.reward else ""
        waiting = list(selectors.line(row)[:_LINE_SHOWN])
        context = {
            "event": row,
            "picture": selectors.pictures_of([row]).get(row.public_id),
            "figures": selectors.figures(row),
            "list": found,
            "names": selectors.names_of(found.rows),
            "line": waiting,
            "line_names": selectors.names_of(waiting),
            "state": state,
            "states": Seat.State.choices,
            "form": form,
            "reward": reward,
            "whom": [condition_text(one, currency=self.programme.currency) for one in row.audience],
            "unit": asset_view_of("points").name(get_language() or "vi"),
            "is_over": row.ends_at <= clock_now(),
            "may_write": self.may("events:write"),
            "may_export": self.may("events:export"),
            "may_let_in": self.may("redemptions:write"),
        }
        return self.page(context, status=status)


class GuestListView(DashboardView):
    """Who answered, as a file."""

    permission = "events:export"

    def get(self, request: HttpRequest, **_kwargs: Any) -> StreamingHttpResponse:
        row = selectors.access_event(self.kwargs["event"])
        header = [
            _("Name"),
            _("Member"),
            _("State"),
            _("Guests"),
            _("Number in line"),
            _("Points paid"),
            _("Points back"),
            _("Answered"),
            _("Checked in"),
        ]
        rows = (
            [
                selectors.owner_of(seat).name,
                selectors.owner_of(seat).public_id,
                seat.get_state_display(),
                seat.guests,
                seat.number or "",
                seat.cost_points,
                seat.points_back,
                formats.instant_text(seat.answered_at),
                formats.instant_text(seat.checked_in_at) if seat.checked_in_at else "",
            ]
            for seat in selectors.guests(row).order_by("pk").iterator(chunk_size=500)
        )
        return csv_file(row.public_id, header=header, rows=rows, programme=self.programme)


class SeatView(DashboardView):
    """What staff does with one answer: give it back, accept for them, undo a check-in."""

    permission = "events:read"
    write_permission = "events:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        seat = selectors.access_seat(self.kwargs["seat"])
        event, act = seat.event.public_id, self.kwargs["act"]
        if act == "cancel":
            services.cancel_seat(self.call(), seat=seat.public_id, for_free=True)
            return self.go("event", event, text=_("Taken back. All they paid is theirs again."))
        if act == "accept":
            services.accept_place(self.call(), seat=seat.public_id)
            return self.go("event", event, text=_("They have a place."))
        raise Http404


class DoorView(DashboardView):
    """The door, made for a phone: scan, or find the name and tick."""

    permission = "redemptions:read"
    write_permission = "redemptions:write"
    template_name = "events/door.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self._shown({})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        event = selectors.access_event(self.kwargs["event"])
        seat, act = request.POST.get("seat", "")[:40], request.POST.get("act", "")
        try:
            if act == "undo":
                undone = services.undo_check_in(self.call(), seat=seat)
                row = selectors.access_seat(undone.seat)
                return self._shown({"undone": selectors.owner_of(row).name})
            code = request.POST.get("code", "").strip()[:60]
            done = services.check_in(
                self.call(), code="" if seat else code, seat=seat, event=event.public_id
            )
        except DomainError as error:
            context = {"problem": str(error.message)}
            return self._shown(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        row = selectors.access_seat(done.seat)
        return self._shown({"done": row, "owner": selectors.owner_of(row)})

    def _shown(self, told: dict[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
        event = selectors.access_event(self.kwargs["event"])
        rows = selectors.guests(event, state=Seat.State.GOING).order_by("member__search_name", "pk")
        found = list(rows[:_DOOR_LIST])
        names = selectors.names_of(found)
        asked = self.request.GET.get("q", "").strip()[:60]
        if asked:
            found = [one for one in found if asked.casefold() in names[one.pk].casefold()]
        context = {
            "event": event,
            "guests": found,
            "names": names,
            "q": asked,
            "figures": selectors.figures(event),
            "is_open": event.door_opens_at <= clock_now() <= event.door_closes_at,
            "may_let_in": self.may("redemptions:write"),
        }
        return self.page({**context, **told}, status=status)


def _member_panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    rows = list(selectors.seats_of(member).order_by("-pk")[:5])
    return {"seats": rows, "attended": selectors.attended_count(member)} if rows else None


routes = [
    path("events/", EventsView.as_view(), name="events"),
    path("events/new/", NewEventView.as_view(), name="event_new"),
    path("events/<str:event>/", EventView.as_view(), name="event"),
    path("events/<str:event>/edit/", EditEventView.as_view(), name="event_edit"),
    path("events/<str:event>/door/", DoorView.as_view(), name="event_door"),
    path("events/<str:event>/guests.csv", GuestListView.as_view(), name="event_guests"),
    path("events/seats/<str:seat>/<str:act>/", SeatView.as_view(), name="event_seat"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Events"),
        route="events",
        icon="calendar-event",
        section="programme",
        order=70,
        permission="events:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="events/member_panel.html",
        context=_member_panel,
        order=60,
        permission="events:read",
        column="side",
    ),
)
