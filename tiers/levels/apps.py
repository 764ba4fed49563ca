from __future__ import annotations

from django.apps import AppConfig


class LevelsConfig(AppConfig):
    name = "tiers.levels"
    label = "tiers_levels"
