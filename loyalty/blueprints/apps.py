from __future__ import annotations

from django.apps import AppConfig


class BlueprintsConfig(AppConfig):
    name = "loyalty.blueprints"
    label = "loyalty_blueprints"
