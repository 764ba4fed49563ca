from __future__ import annotations

from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "rewards.points"
    label = "rewards_points"
