"""Events, answers to them and the door over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from community.events import selectors, services
from community.events import serializers as shapes
from community.events.models import Event
from community.events.results import SeatResult
from loyalty.web.api import ApiView, PictureBody, operation, picture_in
from members.profiles.selectors import member_of_id

_TAG = "Events"
_EVENT = {
    "title_vi": "Đêm nếm cà phê Cầu Đất",
    "title_en": "Tasting evening",
    "place": "Hiên Nguyễn Trãi",
    "starts_at": "2027-03-06T18:00:00+07:00",
    "ends_at": "2027-03-06T20:00:00+07:00",
    "capacity": 12,
    "guests_most": 1,
    "price_points": 20,
}
_MEMBER = "mem_01m83t9zbd6gkp1s0jj2rx8n5v"


class EventApi(ApiView):
    """What the endpoints about one event share."""

    permission: ClassVar[str | Mapping[str, str]] = "events:write"

    def present(self, row: Event) -> shapes.EventView:
        """An event for the API, with the address of its picture."""
        return shapes.present_event(row, slug=self.programme.slug)

    def answer(self, event: str, *, created: bool = False) -> Response:
        """The event after a change, with its ETag."""
        row = selectors.access_event(event)
        view = self.present(row)
        if created:
            return self.created(
                view, location=f"/api/v1/community/events/{event}/", revision=row.revision
            )
        return self.ok(view, revision=row.revision)


class Events(EventApi):
    """All events."""

    permission = {"GET": "events:read", "POST": "events:write"}

    @operation(
        "List events, newest first",
        tag=_TAG,
        answer=shapes.EventView,
        query=shapes.EventQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        state = self.query(shapes.EventQuery).get("state", "")
        return self.page(selectors.events(state=state), present=self.present)

    @operation(
        "Draft an event", tag=_TAG, body=shapes.EventBody, example=_EVENT, answer=shapes.EventView
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.EventBody)
        done = services.create_event(self.call(), event=shapes.input_of_body(body))
        return self.answer(done.event, created=True)


class OneEvent(EventApi):
    """One event."""

    permission = {"GET": "events:read", "PUT": "events:write"}

    @operation("Read an event", tag=_TAG, answer=shapes.EventView)
    def get(self, request: Request, event: str) -> Response:
        return self.answer(event)

    @operation(
        "Write an event anew",
        tag=_TAG,
        body=shapes.EventBody,
        example=_EVENT,
        answer=shapes.EventView,
        errors=(422,),
        description="Where it is published, who comes is told of a new time or place and may cancel free.",
    )
    def put(self, request: Request, event: str) -> Response:
        values = shapes.input_of_body(self.read(shapes.EventBody))
        call, revision = self.call(), self.if_match()
        services.edit_event(call, event=event, values=values, revision=revision)
        return self.answer(event)


class EventPicture(EventApi):
    """The picture members see beside it."""

    @operation(
        "Give an event a picture, or take it away",
        tag=_TAG,
        body=PictureBody,
        example={"picture": None},
        answer=shapes.EventView,
        status=200,
    )
    def post(self, request: Request, event: str) -> Response:
        selectors.access_event(event)
        picture = picture_in(self.read(PictureBody))
        services.set_picture(self.call(), event=event, picture=picture)
        return self.answer(event)


class PublishEvent(EventApi):
    """Showing an event."""

    @operation("Publish an event", tag=_TAG, answer=shapes.EventView, status=200, errors=(422,))
    def post(self, request: Request, event: str) -> Response:
        services.publish_event(self.call(), event=event)
        return self.answer(event)


class CallOffEvent(EventApi):
    """Calling an event off."""

    @operation(
        "Cancel an event",
        tag=_TAG,
        body=shapes.CallOffBody,
        example={"reason": "Storm warning"},
        answer=shapes.EventView,
        status=200,
        errors=(409, 422),
        description="Everybody is told, points and vouchers come back, tickets are void.",
    )
    def post(self, request: Request, event: str) -> Response:
        body = self.read(shapes.CallOffBody)
        services.cancel_event(self.call(), event=event, **body)
        return self.answer(event)


class Seats(ApiView):
    """Answers to an event."""

    permission = {"GET": "events:read", "POST": "events:write"}

    @operation(
        "List answers to an event, newest first",
        tag=_TAG,
        answer=SeatResult,
        query=shapes.SeatQuery,
        is_list=True,
    )
    def get(self, request: Request, event: str) -> Response:
        row = selectors.access_event(event)
        state = self.query(shapes.SeatQuery).get("state", "")
        return self.page(selectors.guests(row, state=state), present=shapes.present_seat)

    @operation(
        "Answer for a member",
        tag=_TAG,
        body=shapes.AnswerBody,
        example={"member": _MEMBER, "guests": 1},
        answer=SeatResult,
        errors=(409, 422),
        description="Yes unless `coming` is false. Where no place is left, they wait in line.",
    )
    def post(self, request: Request, event: str) -> Response:
        body = self.read(shapes.AnswerBody)
        return self.created(services.answer_event(self.call(), event=event, **body))


class AcceptPlace(ApiView):
    """An offered place."""

    permission = "events:write"

    @operation("Accept an offered place", tag=_TAG, answer=SeatResult, status=200, errors=(422,))
    def post(self, request: Request, seat: str) -> Response:
        return self.ok(services.accept_place(self.call(), seat=seat))


class CancelSeat(ApiView):
    """A ticket, or a place in line, given back."""

    permission = "events:write"

    @operation(
        "Cancel an answer",
        tag=_TAG,
        body=shapes.GiveBackBody,
        example={"for_free": True},
        answer=SeatResult,
        status=200,
        errors=(409, 422),
    )
    def post(self, request: Request, seat: str) -> Response:
        body = self.read(shapes.GiveBackBody)
        return self.ok(services.cancel_seat(self.call(), seat=seat, **body))


class CheckIn(ApiView):
    """The door."""

    permission = "events:write"

    @operation(
        "Let a ticket in",
        tag=_TAG,
        body=shapes.DoorBody,
        example={"code": "7K2M-9QTX-4BWZ-H3DP"},
        answer=SeatResult,
        status=200,
        errors=(404, 422),
        description="Once: a second scan is refused with `in_already` and the time.",
    )
    def post(self, request: Request) -> Response:
        return self.ok(services.check_in(self.call(), **self.read(shapes.DoorBody)))


class UndoCheckIn(ApiView):
    """A mistake at the door."""

    permission = "events:write"

    @operation(
        "Undo a check-in",
        tag=_TAG,
        answer=SeatResult,
        status=200,
        errors=(422,),
        description="What being there gave is taken back.",
    )
    def post(self, request: Request, seat: str) -> Response:
        return self.ok(services.undo_check_in(self.call(), seat=seat))


class MemberSeats(ApiView):
    """A member's answers."""

    permission = "events:read"

    @operation("List a member's answers, newest first", tag=_TAG, answer=SeatResult, is_list=True)
    def get(self, request: Request, member: str) -> Response:
        rows = selectors.seats_of(member_of_id(member))
        return self.page(rows, present=shapes.present_seat)


routes = [
    path("community/events/", Events.as_view()),
    path("community/events/check-in/", CheckIn.as_view()),
    path("community/events/seats/<str:seat>/accept/", AcceptPlace.as_view()),
    path("community/events/seats/<str:seat>/cancel/", CancelSeat.as_view()),
    path("community/events/seats/<str:seat>/undo-check-in/", UndoCheckIn.as_view()),
    path("community/events/<str:event>/", OneEvent.as_view()),
    path("community/events/<str:event>/picture/", EventPicture.as_view()),
    path("community/events/<str:event>/publish/", PublishEvent.as_view()),
    path("community/events/<str:event>/cancel/", CallOffEvent.as_view()),
    path("community/events/<str:event>/seats/", Seats.as_view()),
    path("members/<str:member>/events/", MemberSeats.as_view()),
]
