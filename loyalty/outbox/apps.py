from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    name = "loyalty.outbox"
    label = "loyalty_outbox"

    def ready(self) -> None:
        """Every app's reactions are known before the first event is relayed."""
        autodiscover_modules("subscribers")
