"""A member's plans: join, try, pay, pause, cancel."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import Invalid
from loyalty.payments.selectors import charge
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member
from tiers.memberships import selectors, services


class MembershipsView(PortalView):
    """My plans and those I can join."""

    template_name = "memberships/portal.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        joinable = selectors.plans_for(self.member)
        context = {
            "held": _mine(self.member),
            "joinable": joinable,
            "on_trial": {
                plan.pk
                for plan in joinable
                if plan.trial_days and not selectors.had_trial(self.member, plan.family)
            },
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        act = request.POST.get("act", "")
        if act == "join":
            return self._join(request.POST.get("plan", "")[:40])
        acts: dict[str, tuple[Any, str]] = {
            "cancel": (services.cancel_membership, _("It ends with its period.")),
            "keep": (services.keep_membership, _("It goes on.")),
            "pause": (services.pause_membership, _("Paused. The time left is kept.")),
            "resume": (services.resume_membership, _("It goes on.")),
        }
        if act not in acts:
            raise Invalid("unknown_action", _("This page has no such button."))
        command, text = acts[act]
        command(self.call(), membership=request.POST.get("membership", "")[:40])
        return self.go("memberships", text=text)

    def _join(self, plan: str) -> HttpResponse:
        done = services.join_plan(self.call(), member=self.member.public_id, plan=plan)
        if done.charge:
            return self.redirect(charge(done.charge).pay_path)
        return self.go("memberships", text=_("Welcome! Your perks count from now on."))


def _mine(member: Member) -> list[selectors.Held]:
    """What is theirs; a gift somebody has yet to pay for is no news for them."""
    held = selectors.held_by(member)
    return [one for one in held if not selectors.is_unpaid_gift(one.membership)]


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    held = _mine(member)
    plans = [] if held else selectors.plans_for(member)
    if not held and not plans:
        return None
    return {"held": held, "offer": plans[0] if plans else None}


routes = [path("memberships/", MembershipsView.as_view(), name="memberships")]
panels = (Panel(place="home", template="memberships/portal_home.html", context=_home, order=40),)
