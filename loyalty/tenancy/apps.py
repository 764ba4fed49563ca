from __future__ import annotations

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "loyalty.tenancy"
    label = "loyalty_tenancy"
