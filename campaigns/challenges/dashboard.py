"""Challenges in the dashboard: who stands where, badges, and what staff do for a member's streak."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.challenges import selectors, services
from campaigns.challenges.models import Badge
from campaigns.challenges.rules.words import COLOUR_WORDS, SHAPE_WORDS
from loyalty.commands.actor import Actor
from loyalty.common.errors import Invalid
from loyalty.web.forms import WholeField
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.profiles.models import Member
from members.profiles.selectors import member_of_id


class ChallengesView(DashboardView):
    """What runs, how many did it, and the badges."""

    permission = "challenges:read"
    template_name = "challenges/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        done = selectors.done_by()
        missions, streaks = selectors.running_missions(), selectors.running_streaks()
        context = {
            "missions": [(one, done.get(one.terms().status, 0)) for one in missions],
            "streaks": [(one, done.get(one.terms().status, 0)) for one in streaks],
            "badges": Badge.objects.order_by("is_retired", "position", "id"),
            "may_write": self.may("challenges:write"),
        }
        return self.page(context)


class StandingsView(DashboardView):
    """Who stands where in one mission or streak."""

    permission = "challenges:read"
    template_name = "challenges/standings.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        wanted = self.kwargs["rule"]
        for mission in selectors.running_missions():
            if wanted in (mission.public_id, mission.family):
                rows = selectors.mission_standings(mission)
                return self.page({"rule": mission, "rows": rows, "target": mission.target})
        streak = selectors.running_streak(wanted)
        return self.page({"rule": streak, "rows": selectors.streak_standings(streak)})


class BadgeForm(forms.Form):
    """A badge."""

    name_vi = forms.CharField(label=gettext_lazy("Name in Vietnamese"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60, required=False)
    text_vi = forms.CharField(
        label=gettext_lazy("For what, in Vietnamese"), max_length=200, required=False
    )
    text_en = forms.CharField(
        label=gettext_lazy("For what, in English"), max_length=200, required=False
    )
    shape = forms.ChoiceField(label=gettext_lazy("Shape"), choices=list(SHAPE_WORDS.items()))
    colour = forms.ChoiceField(label=gettext_lazy("Colour"), choices=list(COLOUR_WORDS.items()))


class NewBadgeView(FormView):
    """One more badge."""

    permission = "challenges:write"
    template_name = "challenges/badge_form.html"
    form_class: ClassVar[type[forms.Form]] = BadgeForm

    def act(self, form: Any) -> HttpResponse:
        services.create_badge(self.call(), **form.cleaned_data)
        return self.go("challenges", text=saved())


class EditBadgeForm(BadgeForm):
    """A badge that is there; changed for all who hold it too."""

    is_retired = forms.BooleanField(
        label=gettext_lazy("No longer offered in forms"), required=False
    )
    revision = WholeField(widget=forms.HiddenInput, required=False)


class EditBadgeView(NewBadgeView):
    """A badge, changed."""

    form_class = EditBadgeForm

    def initial(self) -> dict[str, Any]:
        row = selectors.access_badge(self.kwargs["badge"])
        return {name: getattr(row, name) for name in EditBadgeForm.base_fields}

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "badge": selectors.access_badge(self.kwargs["badge"])}

    def act(self, form: Any) -> HttpResponse:
        services.change_badge(self.call(), badge=self.kwargs["badge"], **form.cleaned_data)
        return self.go("challenges", text=saved())


class FreezesView(DashboardView):
    """Freezes for a member, with the reason."""

    permission = "challenges:read"
    write_permission = "challenges:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member, typed = member_of_id(self.kwargs["member"]).public_id, request.POST
        number = typed.get("freezes", "")
        services.give_freezes(
            self.call(),
            member=member,
            streak=typed.get("streak", "")[:40],
            freezes=int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0,
            reason=typed.get("reason", "")[:200],
        )
        return self.go("member", member, text=_("Freezes given."))


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
    path("challenges/", ChallengesView.as_view(), name="challenges"),
    path("challenges/badges/new/", NewBadgeView.as_view(), name="badge_new"),
    path("challenges/badges/<str:badge>/", EditBadgeView.as_view(), name="badge_edit"),
    path("challenges/<str:rule>/", StandingsView.as_view(), name="challenge"),
    path("members/<str:member>/freezes/", FreezesView.as_view(), name="member_freezes"),
    path("members/<str:member>/repair-streak/", RepairView.as_view(), name="member_repair_streak"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Challenges"),
        route="challenges",
        icon="trophy",
        section="programme",
        order=50,
        permission="challenges:read",
    ),
)
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
