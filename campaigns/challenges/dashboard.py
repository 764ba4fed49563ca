"""Challenges in the dashboard: where a member stands, and the repair of a streak."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from campaigns.challenges import selectors, services
from loyalty.commands.actor import Actor
from loyalty.common.errors import Invalid
from loyalty.web.navigation import Panel
from loyalty.web.pages import DashboardView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id


class RepairView(DashboardView):
    """A missed day counts after all, with the reason."""

    permission = "challenges:read"
    write_permission = "challenges:write"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        try:
            day = parse_date(request.POST.get("day", ""))
        except ValueError:
            day = None
        if day is None:
            raise Invalid("required", _("Choose a day."), field="day")
        services.repair_streak(
            self.call(),
            member=member,
            streak=request.POST.get("streak", "")[:40],
            day=day,
            reason=request.POST.get("reason", "")[:200],
        )
        return self.go("member", member, text=_("The streak is repaired."))


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    missions, streaks = selectors.mission_progress(member), selectors.streak_progress(member)
    if not missions and not streaks:
        return None
    return {
        "missions": missions,
        "streaks": streaks,
        "badges": selectors.badges_of(member),
        "may_write": actor.may("challenges:write"),
    }


routes = [
    path("members/<str:member>/repair-streak/", RepairView.as_view(), name="member_repair_streak"),
]
panels = (
    Panel(
        place="member",
        template="challenges/member_panel.html",
        context=_panel,
        order=20,
        permission="challenges:read",
        column="side",
    ),
)
