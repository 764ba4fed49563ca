from __future__ import annotations

from django.apps import AppConfig


class PunchcardsConfig(AppConfig):
    name = "rewards.punchcards"
    label = "rewards_punchcards"
