"""Missions at the till: how far this customer is, and the code for their check-in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from campaigns.challenges import selectors
from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member


def _progress(actor: Actor, member: Member) -> dict[str, Any] | None:
    missions = [
        one for one in selectors.mission_progress(member) if one.is_open and not one.is_done
    ]
    code = selectors.till_code(actor.location_id) if selectors.check_in_counts() else ""
    return {"missions": missions[:3], "code": code} if missions or code else None


class CheckInCodeView(TillView):
    """The code customers scan at the counter: a fresh one each minute, the one before still counts."""

    permission = "members:read"
    template_name = "challenges/till_code.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        where = self.actor.location_id
        code, place = selectors.till_code(where), selectors.location_of(where)
        context: dict[str, Any] = {"code": code, "place": place}
        if code and place:
            way = reverse("portal:check_in", args=[self.programme.slug, place.public_id, code])
            context["address"] = request.build_absolute_uri(way)
        return self.page(context)


def _home(actor: Actor, subject: Any) -> dict[str, Any] | None:
    return {} if selectors.check_in_counts() else None


routes = [path("check-in/", CheckInCodeView.as_view(), name="check_in_code")]
panels = (
    Panel(place="till_member", template="challenges/till.html", context=_progress, order=20),
    Panel(place="till_home", template="challenges/till_home.html", context=_home, order=20),
)
