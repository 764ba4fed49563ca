from __future__ import annotations

from django.apps import AppConfig


class CommandsConfig(AppConfig):
    name = "loyalty.commands"
    label = "loyalty_commands"
