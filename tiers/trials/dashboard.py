"""Trials in the dashboard: what came of each, who took it, and inviting a member by hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError, Invalid, NotFound
from loyalty.web import formats
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from tiers.trials import selectors, services
from tiers.trials.models import Taking
from tiers.trials.quotes import trial_offers
from tiers.trials.selectors import TrialResults

_SHOWN = ("offered", "accepted", "given", "lapsed", "returned")


class TrialsView(DashboardView):
    """All trials, and what came of them."""

    permission = "trials:read"
    template_name = "trials/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rows = selectors.shown_trials()
        return self.page({"trials": [shown(selectors.results_of(row), row) for row in rows]})


class TrialView(DashboardView):
    """One trial: its figures, who took it, what they say."""

    permission = "trials:read"
    template_name = "trials/trial.html"
    partial_name = "trials/rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.trial_of(self.kwargs["trial"])
        state = request.GET.get("state", "")
        families = [row.family]
        rows = selectors.takings(families=families, states=[state] if state in _SHOWN else ())
        page = newest_first(rows, request)
        bought = selectors.bought_after([one.public_id for one in page.rows], family=row.family)
        context = {
            **shown(selectors.results_of(row), row),
            "list": page,
            "bought": {one.pk: bought.get(one.public_id) for one in page.rows},
            "answers": list(selectors.answers_of(families).order_by("-answered_at")[:20]),
            "chips": [
                {"label": _("All"), "url": "?", "active": state not in _SHOWN},
                *(
                    {
                        "label": Taking.State(one).label,
                        "url": f"?state={one}",
                        "active": one == state,
                    }
                    for one in _SHOWN
                ),
            ],
        }
        return self.page(context)


class MemberTrialView(DashboardView):
    """Invite a member, take something back; then back to their page."""

    permission = "trials:read"
    write_permission = "trials:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        act = request.POST.get("act", "")
        try:
            text = self._act(act, member)
        except NotFound:
            raise
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        return self.go("member", member, text=text)

    def _act(self, act: str, member: str) -> str:
        trial, taking = (self.request.POST.get(name, "")[:40] for name in ("trial", "taking"))
        if act == "invite":
            services.offer_trial(self.call(), member=member, trial=trial)
            return _("Invited. They find it on their card.")
        if act == "return":
            reason = self.request.POST.get("reason", "")
            services.return_trial(self.call(), taking=taking, reason=reason)
            return _("Taken back. There is one more again.")
        raise Invalid("unknown_action", _("This page has no such button."))


def shown(results: TrialResults, row: Any) -> dict[str, Any]:
    """A trial with its figures as people read them."""
    stars = results.stars_tenths
    return {
        "trial": row,
        "results": results,
        "stars": formats.quantity_text(stars * 100) if stars is not None else formats.NOTHING,
        "won": formats.percent_text(results.bought_bp)
        if results.bought_bp is not None
        else formats.NOTHING,
    }


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    mine = selectors.takings_of(member)
    taken = {one.family for one in mine}
    signs = selectors.signs_of(member)
    inviting = [
        row
        for row in selectors.trials_on_offer()
        if row.family not in taken and not selectors.was_had(member, row.family, signs)
    ]
    if not mine and not inviting:
        return None
    offers = trial_offers(member, programme=actor.programme)
    return {
        "takings": mine,
        "inviting": inviting,
        "open_to": {one.trial.pk for one in offers},
        "may_write": actor.may("trials:write"),
    }


routes = [
    path("trials/", TrialsView.as_view(), name="trials"),
    path("trials/<str:trial>/", TrialView.as_view(), name="trial"),
    path("members/<str:member>/trials/", MemberTrialView.as_view(), name="member_trial"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Trials"),
        route="trials",
        icon="flask",
        section="programme",
        order=45,
        permission="trials:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="trials/member_panel.html",
        context=_panel,
        order=25,
        permission="trials:read",
        column="side",
    ),
)
