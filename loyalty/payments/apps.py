from __future__ import annotations

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "loyalty.payments"
    label = "loyalty_payments"
