from __future__ import annotations

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    name = "tiers.trials"
    label = "tiers_trials"
