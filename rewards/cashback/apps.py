from __future__ import annotations

from django.apps import AppConfig


class CashbackConfig(AppConfig):
    name = "rewards.cashback"
    label = "rewards_cashback"
