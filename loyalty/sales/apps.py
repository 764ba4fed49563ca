from __future__ import annotations

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "loyalty.sales"
    label = "loyalty_sales"
