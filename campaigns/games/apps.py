from __future__ import annotations

from django.apps import AppConfig


class GamesConfig(AppConfig):
    name = "campaigns.games"
    label = "campaigns_games"
