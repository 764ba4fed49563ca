"""The queue in the dashboard: what waits, what was decided, and what holds for everything written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem
from loyalty.web.pages import DashboardView, FormView, saved
from members.moderation import selectors, services
from members.moderation.forms import ModerationSettingsForm
from members.moderation.models import Case
from members.moderation.portal import picture

_PAGE = 20


class QueueView(DashboardView):
    """What staff must look at."""

    permission, write_permission = "moderation:read", "moderation:write"
    template_name = "moderation/queue.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state = "" if "decided" in request.GET else str(Case.State.OPEN)
        kind = request.GET.get("kind", "")[:20]
        rows = selectors.cases(state=state, kind=kind)
        if not state:
            rows = rows.exclude(state=Case.State.OPEN)
        found = newest_first(rows, request, limit=_PAGE)
        context = {
            "list": found,
            "cases": selectors.queued(found.rows),
            "is_open": bool(state),
            "kind": kind,
            "kinds": [(one.kind, one.label) for one in selectors.kinds().values()],
            "settings": selectors.settings_row(),
        }
        return self.page(context)


class DecideView(DashboardView):
    """A verdict."""

    permission, write_permission = "moderation:read", "moderation:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        services.decide(
            self.call(),
            case=self.kwargs["case"],
            verdict=request.POST.get("verdict", "")[:10],
            reason=request.POST.get("reason", "")[:200],
        )
        return self.go("moderation", text=_("Decided."))


class StaffPhotoView(DashboardView):
    """A photo, shown or held back; sending removes it."""

    permission, write_permission = "moderation:read", "moderation:write"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return picture(selectors.access_photo(self.kwargs["photo"], staff=True).file)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        services.remove_photo(self.call(), photo=self.kwargs["photo"])
        return self.go("moderation", text=_("The photo is gone."))


class ModerationSettingsView(FormView):
    """What holds for everything members write."""

    permission, write_permission = "moderation:read", "moderation:write"
    template_name = "moderation/settings.html"

    def build_form(self, data: Any = None, files: Any = None) -> Any:
        row = selectors.settings_row()
        return ModerationSettingsForm(data, instance=row, initial=ModerationSettingsForm.shown(row))

    def act(self, form: Any) -> HttpResponse:
        values = dict(form.cleaned_data)
        revision = values.pop("revision")
        services.change_settings(self.call(), values=values, revision=revision)
        return self.go("moderation_settings", text=saved())


routes = [
    path("moderation/", QueueView.as_view(), name="moderation"),
    path("moderation/settings/", ModerationSettingsView.as_view(), name="moderation_settings"),
    path("moderation/cases/<str:case>/", DecideView.as_view(), name="moderation_case"),
    path("moderation/photos/<str:photo>/", StaffPhotoView.as_view(), name="moderation_photo"),
]
menu = (
    MenuItem(
        label=gettext_lazy("To look at"),
        route="moderation",
        icon="shield-check",
        section="programme",
        order=70,
        permission="moderation:read",
        count=lambda _actor: selectors.open_cases(),
    ),
)
