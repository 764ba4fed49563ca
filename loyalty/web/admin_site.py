"""Django's admin on our own site; named in the settings, and loaded before any model is."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class SupportAdmin(AdminConfig):
    """All admin pages belong to :class:`loyalty.web.support.SupportSite`."""

    default_site = "loyalty.web.support.SupportSite"
