from __future__ import annotations

from django.apps import AppConfig


class DiscountsConfig(AppConfig):
    name = "rewards.discounts"
    label = "rewards_discounts"
