"""A member's trials: take one, collect it, say what it was like."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import Invalid
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member
from tiers.trials import selectors, services
from tiers.trials.quotes import trial_offers
from tiers.trials.rules import ACCEPTED, GIVEN, MOST_STARS, PLAN


class TrialsView(PortalView):
    """What I can try, what waits for me, what I tried."""

    template_name = "trials/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        mine = selectors.takings_of(self.member)
        context = {
            "trial_offers": trial_offers(self.member, programme=self.programme),
            "waiting": [one for one in mine if one.state == ACCEPTED],
            "given": [one for one in mine if one.state == GIVEN],
            "stars": range(MOST_STARS, 0, -1),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        act, taking = request.POST.get("act", ""), request.POST.get("taking", "")[:40]
        if act == "take":
            done = services.take_trial(
                self.call(),
                member=self.member.public_id,
                trial=request.POST.get("trial", "")[:40],
            )
            text = (
                _("It has begun. Enjoy!")
                if done.what == PLAN
                else _("It is set aside for you. Show your card at the till.")
            )
            return self.go("trials", text=text)
        if act == "give-up":
            services.return_trial(self.call(), taking=taking)
            return self.go("trials", text=_("Given up. Somebody else can have it."))
        if act == "feedback":
            stars = request.POST.get("stars", "")
            if not (stars.isascii() and stars.isdigit() and len(stars) == 1):
                raise Invalid("required", _("Choose one to five stars."), field="stars")
            services.give_feedback(
                self.call(),
                taking=taking,
                stars=int(stars),
                comment=request.POST.get("comment", ""),
            )
            return self.go("trials", text=_("Thank you! We read every word."))
        raise Invalid("unknown_action", _("This page has no such button."))


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    mine = selectors.takings_of(member)
    offers = trial_offers(member, programme=actor.programme)
    asked = [one for one in mine if one.state == GIVEN and one.asked_at and not one.answered_at]
    waiting = [one for one in mine if one.state == ACCEPTED]
    if not (offers or asked or waiting):
        return None
    return {"trial_offers": offers, "asked": asked, "waiting": waiting}


routes = [path("trials/", TrialsView.as_view(), name="trials")]
panels = (Panel(place="home", template="trials/portal_home.html", context=_home, order=35),)
