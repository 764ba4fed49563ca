from __future__ import annotations

from django.apps import AppConfig


class ContestsConfig(AppConfig):
    name = "community.contests"
    label = "community_contests"
