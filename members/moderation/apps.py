from __future__ import annotations

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "members.moderation"
    label = "members_moderation"
