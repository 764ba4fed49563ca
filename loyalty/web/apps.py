from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "loyalty.web"
    label = "loyalty_web"
