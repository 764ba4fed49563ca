from __future__ import annotations

from django.apps import AppConfig


class DonationsConfig(AppConfig):
    name = "campaigns.donations"
    label = "campaigns_donations"
