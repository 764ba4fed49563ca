"""What the outside must hear: events written with their cause, and where they are delivered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.common.sealing import can_unseal
from loyalty.outbox.rules import SEALED_FOR, SHARED_TYPES
from loyalty.tenancy.models import Merchant
from loyalty.tenancy.scope import TenantModel


class Event(TenantModel):
    """Something that happened, in its own transaction's words. The relay hands it on."""

    private_to = "merchant"

    public_id = PublicIdField(prefix="evt")
    type = models.CharField(max_length=80)
    # Whose business it is; members and balances are everybody's (see ``seen_at``).
    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()
    # Null once handed on; otherwise when the relay shall try (again).
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="event_due",
            ),
            models.Index(fields=["programme", "-id"], name="event_newest"),
            models.Index(fields=["programme", "subject", "-id"], name="event_subject"),
        ]

    @classmethod
    def seen_at(cls, merchant_id: int) -> models.Q:
        """What happened at the merchant or at none, and what is told of shared members anywhere."""
        found = super().seen_at(merchant_id) | models.Q(merchant=None)
        for beginning in SHARED_TYPES:
            found |= models.Q(type__startswith=beginning)
        return found

    def is_heard_at(self, merchant_id: int) -> bool:
        """Does an endpoint of this merchant hear it? The same question for one event."""
        return self.merchant_id in (None, merchant_id) or self.type.startswith(SHARED_TYPES)

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"


class WebhookEndpoint(TenantModel):
    """A merchant's address that hears about events."""

    public_id = PublicIdField(prefix="whe")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    url = models.URLField(_("address"), max_length=500)
    description = models.CharField(_("what it is for"), max_length=200, blank=True)
    for_all_merchants = models.BooleanField(_("for the whole programme"), default=False)
    event_types = models.JSONField(default=list, blank=True)
    secret = models.TextField(editable=False)
    old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    disabled_reason = models.CharField(max_length=40, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)

    @property
    def confined_to(self) -> int | None:
        """The merchant whose events alone it hears (with its programme loaded); ``None``: all."""
        if self.for_all_merchants or not self.programme.has_several_merchants:
            return None
        return int(self.merchant_id)

    @property
    def is_unreadable(self) -> bool:
        """Is its secret sealed with a key this server does not know? Then its deliveries wait."""
        return not can_unseal(self.secret, purpose=SEALED_FOR)

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(TenantModel):
    """One event on its way to one endpoint, with every attempt counted."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    public_id = PublicIdField(prefix="whd")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    log = models.JSONField(default=list)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once_per_endpoint")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} -> {self.endpoint}"
