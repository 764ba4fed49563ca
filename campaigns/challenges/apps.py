from __future__ import annotations

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    name = "campaigns.challenges"
    label = "campaigns_challenges"
