from __future__ import annotations

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "loyalty.common"
    label = "loyalty_common"
