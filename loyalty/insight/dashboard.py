"""The overview: how the programme does, at a glance."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from loyalty.web.navigation import MenuItem
from loyalty.web.pages import DashboardView


class OverviewView(DashboardView):
    """`/dashboard/<programme>/`."""

    template_name = "insight/overview.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page()


routes = [path("", OverviewView.as_view(), name="overview")]
menu = (MenuItem(label=_("Overview"), route="overview", icon="layout-dashboard", order=0),)
