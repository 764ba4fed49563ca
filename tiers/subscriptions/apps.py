from __future__ import annotations

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "tiers.subscriptions"
    label = "tiers_subscriptions"
