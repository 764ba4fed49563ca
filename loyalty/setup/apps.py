from __future__ import annotations

from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "loyalty.setup"
    label = "loyalty_setup"
