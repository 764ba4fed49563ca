"""Set-up pages: begin a programme, its settings, places, team and audit trail."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from loyalty.setup.dashboard import audit, places, programme, team
from loyalty.web.navigation import MenuItem

top_routes = [path("start/", programme.StartView.as_view(), name="start")]
routes = [
    path("settings/", programme.SettingsView.as_view(), name="settings"),
    path("settings/<str:asset>/", programme.AssetView.as_view(), name="asset"),
    path("locations/", places.LocationsView.as_view(), name="locations"),
    path("locations/<str:location>/", places.LocationView.as_view(), name="location"),
    path("team/", team.TeamView.as_view(), name="team"),
    path("team/<str:staff>/", team.RoleView.as_view(), name="role"),
    path("team/<str:staff>/close/", team.CloseView.as_view(), name="role_close"),
    path("team/<str:staff>/open/", team.OpenView.as_view(), name="role_open"),
    path("audit/", audit.AuditView.as_view(), name="audit"),
    path("audit/<str:command>/", audit.CommandView.as_view(), name="audit_line"),
]
menu = (
    MenuItem(
        label=_("Locations"),
        route="locations",
        icon="map-pin",
        section="setup",
        order=20,
        permission="locations:read",
    ),
    MenuItem(
        label=_("Team"),
        route="team",
        icon="id-badge-2",
        section="setup",
        order=30,
        permission="staff:read",
    ),
    MenuItem(
        label=_("Settings"),
        route="settings",
        icon="settings",
        section="setup",
        order=80,
        permission="programme:write",
    ),
    MenuItem(
        label=_("Audit trail"),
        route="audit",
        icon="clipboard-list",
        section="setup",
        order=90,
        permission="audit:read",
    ),
)
