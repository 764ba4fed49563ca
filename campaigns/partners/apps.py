from __future__ import annotations

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "campaigns.partners"
    label = "campaigns_partners"
