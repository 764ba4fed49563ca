from __future__ import annotations

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    name = "tiers.memberships"
    label = "tiers_memberships"
