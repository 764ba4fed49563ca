"""Memberships in the dashboard: who is in which plan, and what staff can do for one member."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.common.clock import end_of_day
from loyalty.common.errors import Invalid
from loyalty.engine.models import Rule
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from tiers.memberships import selectors, services
from tiers.memberships.models import Membership, Plan

_SHOWN = ("active", "trial", "past_due", "waiting", "paused", "ended")


class MembershipsView(DashboardView):
    """All memberships by state, and the plans there are."""

    permission = "memberships:read"
    template_name = "memberships/list.html"
    partial_name = "memberships/rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state = request.GET.get("state", "")
        rows = selectors.memberships(states=[state] if state in _SHOWN else _SHOWN[:-1])
        counts = dict(selectors.memberships().order_by().values_list("state").annotate(Count("id")))
        chips = [
            {
                "label": Membership.State(one).label,
                "url": f"?state={one}",
                "active": one == state,
                "count": counts.get(one, 0),
            }
            for one in _SHOWN
        ]
        context = {
            "plans": selectors.plans_on_offer(),
            "chips": [
                {
                    "label": _("All running"),
                    "url": "?",
                    "active": state not in _SHOWN,
                    "count": None,
                },
                *chips,
            ],
            "list": newest_first(rows, request),
        }
        return self.page(context)


class MembershipView(DashboardView):
    """One button does one thing to one membership; then back to the member."""

    permission = "memberships:read"
    write_permission = "memberships:write"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_membership(self.kwargs["membership"])
        act = request.POST.get("act", "")
        acts: dict[str, tuple[Any, dict[str, Any], str]] = {
            "cancel": (services.cancel_membership, {}, _("It ends with its period.")),
            "stop": (services.cancel_membership, {"at_once": True}, _("Ended.")),
            "keep": (services.keep_membership, {}, _("It goes on.")),
            "pause": (services.pause_membership, {}, _("Paused. The time left is kept.")),
            "resume": (services.resume_membership, {}, _("It goes on.")),
        }
        if act not in acts:
            raise Invalid("unknown_action", _("This page has no such button."))
        command, more, text = acts[act]
        command(self.call(), membership=row.public_id, **more)
        return self.go("member", row.member.public_id, text=text)


class JoinView(DashboardView):
    """A member joins a plan, or is given one, from their page."""

    permission = "memberships:read"
    write_permission = "memberships:write"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        plan = request.POST.get("plan", "")[:40]
        if request.POST.get("act") == "grant":
            try:
                day = parse_date(request.POST.get("until", ""))
            except ValueError:  # a day the calendar does not know
                day = None
            if day is None:
                raise Invalid("required", _("Choose a day."), field="until")
            services.grant_plan(
                self.call(),
                member=member,
                plan=plan,
                until=end_of_day(day, self.programme.timezone),
                reason=request.POST.get("reason", "")[:200],
            )
            return self.go("member", member, text=_("Given."))
        done = services.join_plan(self.call(), member=member, plan=plan)
        text = _("Their free trial has begun.") if done.state == "trial" else _("The bill is open.")
        return self.go("member", member, text=text)


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    held, plans = selectors.held_by(member), selectors.plans_on_offer()
    if not held and not plans:
        return None
    unpaid = {one.membership.pk for one in held if selectors.is_unpaid_gift(one.membership)}
    inside = {one.membership.family for one in held if one.membership.pk not in unpaid}
    return {
        "held": held,
        "joinable": [plan for plan in plans if plan.family not in inside],
        "may_write": actor.may("memberships:write"),
    }


def _rule_panel(actor: Actor, rule: Rule) -> dict[str, Any] | None:
    """From when a new version counts, and for how many people."""
    if not isinstance(rule, Plan) or rule.state != Rule.State.DRAFT or rule.replaces is None:
        return None
    old: Any = rule.replaces
    longer = (old.period_count, old.period_unit) != (rule.period_count, rule.period_unit)
    return {"inside": selectors.count_inside(rule.family), "another_length": longer}


routes = [
    path("memberships/", MembershipsView.as_view(), name="memberships"),
    path("memberships/<str:membership>/", MembershipView.as_view(), name="membership"),
    path("members/<str:member>/join-plan/", JoinView.as_view(), name="member_join_plan"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Memberships"),
        route="memberships",
        icon="id-badge-2",
        section="programme",
        order=40,
        permission="memberships:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="memberships/member_panel.html",
        context=_panel,
        order=15,
        permission="memberships:read",
        column="side",
    ),
    Panel(
        place="rule",
        template="memberships/rule_panel.html",
        context=_rule_panel,
        order=15,
        permission="memberships:read",
        column="top",
    ),
)
