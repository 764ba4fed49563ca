from __future__ import annotations

from django.apps import AppConfig


class AttributesConfig(AppConfig):
    name = "campaigns.attributes"
    label = "campaigns_attributes"
