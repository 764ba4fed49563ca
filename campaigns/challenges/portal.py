"""A member's missions, streaks and badges; check-in; a badge's public page and image."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.challenges import selectors, services
from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.shown import SHOWN, show_name
from loyalty.engine.statuses import status_of
from loyalty.web.medals import badge_png, medal_png
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member


class ChallengesView(PortalView):
    """My missions, streaks and badges."""

    template_name = "challenges/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        me = self.member.public_id
        player = status_of(self.member, SHOWN)
        context = {
            "missions": selectors.mission_progress(self.member),
            "streaks": selectors.streak_progress(self.member),
            "badges": selectors.badges_of(self.member),
            "boards": selectors.boards(me=me),
            "shown_name": player.data["name"] if player and player.value else "",
            "may_check_in": selectors.check_in_counts(),
            "is_checked_in": selectors.is_checked_in(self.member),
            "at_shop": selectors.checks_in_at_shops_alone(),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        act, me = request.POST.get("act", ""), self.member.public_id
        if act == "check_in":
            done = services.check_in(self.call(), member=me)
            text = _("Checked in for today.") if done.is_new else _("You checked in today already.")
            return self.go("challenges", text=text)
        if act == "name":
            show_name(self.call(), member=me, name=request.POST.get("name", "")[:60])
            return self.go("challenges", text=_("Saved."))
        raise Invalid("unknown_action", _("This page has no such button."))


class CheckInView(PortalView):
    """What the code at a counter opens: check in here, while the code is the one the till shows."""

    template_name = "challenges/check_in.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page({"place": selectors.place_of(self.kwargs["location"])})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        where = self.kwargs["location"]
        try:
            done = services.check_in(
                self.call(),
                member=self.member.public_id,
                location=where,
                code=self.kwargs["code"][:12],
            )
        except DomainError as error:
            return self.go("challenges", text=str(error.message), tone="error")
        text = _("Checked in for today.") if done.is_new else _("You checked in today already.")
        return self.go("challenges", text=text)


class MedalView(PortalView):
    """The medal of a badge, small."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_badge(self.kwargs["badge"])
        answer = HttpResponse(
            medal_png(shape=row.shape, colour=row.colour), content_type="image/png"
        )
        answer["Cache-Control"] = "public, max-age=3600"
        return answer


class BadgeView(PortalView):
    """An awarded badge, for everybody who has its address; who and when as its holder lets it be known."""

    needs_member: ClassVar[bool] = False
    template_name = "challenges/badge.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        held, holder, by = selectors.awarded(self.kwargs["badge"], self.kwargs["award"])
        player = status_of(holder, SHOWN)
        chosen = bool(player and player.value)
        is_mine = self.member is not None and self.member.pk == holder.pk
        context = {
            "badge": held.badge,
            "by": by,
            "award": held.award,
            # Who shows their initials alone does not show a day beside them either.
            "since": held.since if chosen or is_mine else None,
            "is_named": chosen,
            "link": request.build_absolute_uri(request.path) if is_mine else "",
        }
        return self.page(context)


class BadgeImageView(PortalView):
    """Its image, for the previews of messengers."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        badge = selectors.awarded(self.kwargs["badge"], self.kwargs["award"])[0].badge
        image = badge_png(
            name=str(badge), by=self.programme.name, shape=badge.shape, colour=badge.colour
        )
        return HttpResponse(image, content_type="image/png")


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    missions = [one for one in selectors.mission_progress(member) if one.is_open]
    streaks = selectors.streak_progress(member)
    if not missions and not streaks:
        return None
    missions.sort(key=lambda one: (one.is_done, -one.percent))
    return {"missions": missions[:3], "streaks": streaks[:1]}


routes = [
    path("challenges/", ChallengesView.as_view(), name="challenges"),
    path("check-in/<str:location>/<str:code>/", CheckInView.as_view(), name="check_in"),
    path("medals/<str:badge>.png", MedalView.as_view(), name="medal"),
    path("badges/<str:badge>/<str:award>/", BadgeView.as_view(), name="badge"),
    path("badges/<str:badge>/<str:award>/image.png", BadgeImageView.as_view(), name="badge_image"),
]
panels = (Panel(place="home", template="challenges/portal_home.html", context=_home, order=20),)
