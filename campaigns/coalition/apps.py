from __future__ import annotations

from django.apps import AppConfig


class CoalitionConfig(AppConfig):
    name = "campaigns.coalition"
    label = "campaigns_coalition"
