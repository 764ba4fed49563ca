"""Trials at the till: what waits for this customer, and what they can have now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError, Invalid, NotFound
from loyalty.engine.glossary import retold
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from tiers.trials import selectors, services
from tiers.trials.quotes import trial_offers
from tiers.trials.rules import ACCEPTED, PRODUCT


class HandOverView(TillView):
    """Hand over what waits, or give one now."""

    permission = "members:read"
    write_permission = "redemptions:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        taking, trial = (request.POST.get(name, "")[:40] for name in ("taking", "trial"))
        if not taking and not trial:
            raise Invalid("unknown_action", _("This page has no such button."))
        try:
            if taking:
                done = services.hand_over_trial(self.call(), taking=taking)
            else:
                done = services.take_trial(self.call(), member=member, trial=trial, hand_over=True)
        except NotFound:
            raise
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        return self.go(
            "member", member, text=_("Hand it over: %(name)s.") % {"name": retold(done.name)}
        )


def _here(actor: Actor, member: Member) -> dict[str, Any] | None:
    waiting = [one for one in selectors.takings_of(member) if one.state == ACCEPTED]
    offers = [
        one for one in trial_offers(member, programme=actor.programme) if one.trial.what == PRODUCT
    ]
    return {"waiting": waiting, "trial_offers": offers} if waiting or offers else None


routes = [path("members/<str:member>/trials/", HandOverView.as_view(), name="member_trials")]
panels = (
    Panel(
        place="till_member",
        template="trials/till.html",
        context=_here,
        order=15,
        permission="redemptions:write",
    ),
)
