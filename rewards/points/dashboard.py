"""Points in the dashboard: settings, adjustments with their approval, and the panel of a member."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from rewards.points import selectors
from rewards.points.forms import AdjustmentForm, SettingsForm
from rewards.points.models import Adjustment
from rewards.points.services import (
    adjust_points,
    approve_adjustment,
    change_settings,
    reject_adjustment,
)


class SettingsView(FormView):
    """Name and worth of points, paying at the till, expiry, gifts."""

    permission, write_permission = "points:read", "points:write"
    template_name = "points/settings.html"

    def build_form(self, data: Any = None, files: Any = None) -> SettingsForm:
        found = selectors.settings_view()
        start = SettingsForm.shown(found.values) | {"revision": found.revision}
        return SettingsForm(data, initial=start, currency=self.programme.currency)

    def act(self, form: Any) -> HttpResponse:
        values, revision = form.values(), form.cleaned_data["revision"]
        change_settings(self.call(), values=values, revision=revision)
        return self.go("points_settings", text=saved())


class AdjustmentsView(DashboardView):
    """Points given or taken by hand; what waits for a second person stands first."""

    permission = "points:read"
    template_name = "points/adjustments.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        context = {
            "waiting": selectors.waiting_adjustments(),
            "list": newest_first(selectors.decided_adjustments(), request),
            "limit": self.programme.adjust_limit,
        }
        return self.page(context)


class DecideView(DashboardView):
    """A second person says yes or no."""

    permission = write_permission = "points:approve"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        acts: dict[str, Any] = {"approve": approve_adjustment, "reject": reject_adjustment}
        if self.kwargs["act"] not in acts:
            raise Http404
        acts[self.kwargs["act"]](self.call(), adjustment=self.kwargs["adjustment"])
        return self.go("adjustments", text=saved())


class AdjustView(FormView):
    """Give or take points of one member."""

    permission = write_permission = "points:adjust"
    template_name = "points/adjust.html"
    form_class = AdjustmentForm

    def context(self, form: Any) -> dict[str, Any]:
        member = member_of_id(self.kwargs["member"])
        return {"form": form, "member": member, "limit": self.programme.adjust_limit}

    def act(self, form: Any) -> HttpResponse:
        done = adjust_points(self.call(), member=self.kwargs["member"], **form.cleaned_data)
        waits = done.state == Adjustment.State.WAITING
        text = _("It waits for a second person.") if waits else saved()
        return self.go(
            "member", self.kwargs["member"], text=text, tone="info" if waits else "success"
        )


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    if member.state in (Member.State.MERGED, Member.State.ERASED):
        return None
    return {
        "form": AdjustmentForm(),
        "expiring": selectors.expiring_soon(holder_id=member.holder_id),
        "asked": selectors.waiting_adjustments(member_id=member.pk),
    }


routes = [
    path("points/", SettingsView.as_view(), name="points_settings"),
    path("adjustments/", AdjustmentsView.as_view(), name="adjustments"),
    path(
        "adjustments/<str:adjustment>/<slug:act>/", DecideView.as_view(), name="adjustment_decide"
    ),
    path("members/<str:member>/adjust/", AdjustView.as_view(), name="adjust"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Points"),
        route="points_settings",
        icon="coins",
        section="programme",
        order=10,
        permission="points:read",
    ),
    MenuItem(
        label=gettext_lazy("Adjustments"),
        route="adjustments",
        icon="clipboard-check",
        section="programme",
        order=90,
        permission="points:approve",
        count=lambda actor: len(selectors.waiting_adjustments()),
    ),
)
panels = (
    Panel(
        place="member",
        template="points/member_panel.html",
        context=_panel,
        order=30,
        permission="points:adjust",
        column="side",
    ),
)
