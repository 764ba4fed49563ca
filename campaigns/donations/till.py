"""Rounding up at the till: the customer says yes or no, and the next quote says what is on top."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.donations import selectors
from campaigns.donations.services import choose
from loyalty.commands.actor import Actor
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id


class RoundUpView(TillView):
    """Yes or no."""

    permission = "members:read"
    write_permission = "purchases:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        wanted = request.POST.get("round_up") == "1"
        choose(self.call(), member=member, round_up=wanted)
        text = _("Bills are rounded up.") if wanted else _("Bills are not rounded up.")
        return self.go("member", member, text=text)


def _wish(actor: Actor, member: Member) -> dict[str, Any] | None:
    if not selectors.rounds_up():
        return None
    return {"wish": selectors.wish_of(member), "may_choose": actor.may("purchases:write")}


routes = [
    path("members/<str:member>/round-up/", RoundUpView.as_view(), name="member_round_up"),
]
panels = (Panel(place="till_member", template="donations/till.html", context=_wish, order=30),)
