"""Where a face begins when no programme is named: the only one, the last one, or a choice."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path
from django.views import View

from loyalty.tenancy import selectors
from loyalty.tenancy.models import User
from loyalty.web.navigation import Face, home_url, routes_of
from loyalty.web.pages import LAST_PROGRAMME, Choice, DashboardView, TillView


class ChooserView(LoginRequiredMixin, View):
    """`/dashboard/` and `/till/`: on to the programme, or a page to choose one."""

    face: ClassVar[Face] = "dashboard"
    permission: ClassVar[str] = DashboardView.permission

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        user = request.user
        assert isinstance(user, User)
        found = selectors.programmes_of(user, permission=self.permission)
        slugs = [programme.slug for programme in found]
        last = request.session.get(LAST_PROGRAMME)
        if "choose" not in request.GET:
            if len(slugs) == 1:
                return HttpResponseRedirect(home_url(self.face, slugs[0]))
            if last in slugs:
                return HttpResponseRedirect(home_url(self.face, last))
        choices = [Choice(one.name, home_url(self.face, one.slug)) for one in found]
        return render(request, "chooser.html", {"choices": choices, "face": self.face})


class TillChooserView(ChooserView):
    """`/till/`."""

    face: ClassVar[Face] = "till"
    permission: ClassVar[str] = TillView.permission


def face_urls(face: Face) -> list[URLPattern | URLResolver]:
    """All addresses of a face: its beginning, what stands above programmes, what stands in one."""
    chooser = TillChooserView if face == "till" else ChooserView
    above = (routes_of(face, "top_routes"), f"{face}_top")
    inside = (routes_of(face), face)
    return [
        path("", chooser.as_view(), name=f"{face}_chooser"),
        path("", include(above)),
        path("<slug:programme>/", include(inside)),
    ]
