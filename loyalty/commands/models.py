"""One row per command that took effect: the idempotency key, the answer, and the audit trail."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.models import Merchant
from loyalty.tenancy.scope import TenantModel


class Command(TenantModel):
    """Who did what to what, when, under which key, and what was answered. Never edited."""

    private_to = "merchant"

    public_id = PublicIdField(prefix="cmd")
    key = models.CharField(max_length=255)
    name = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.CharField(max_length=40)
    actor_label = models.CharField(max_length=200)
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=40, blank=True)
    changes = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "key"], name="command_key_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "subject", "id"], name="command_subject"),
            models.Index(fields=["programme", "actor_id", "id"], name="command_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.name} by {self.actor_label}"
