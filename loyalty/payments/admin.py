"""Payments in the support view: looked at, never touched. Sealed settings are not shown."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from loyalty.payments.models import Charge, ChargeRefund, GatewayAccount, PaymentEvent
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Charge)
class ChargeAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "programme",
        "reference",
        "kind",
        "amount_minor",
        "paid_minor",
        "refunded_minor",
        "currency",
        "state",
        "attention",
        "created_at",
    )
    list_filter = ("state", "attention", "gateway", "programme")
    search_fields = ("public_id", "reference", "subject")
    ordering = ("-pk",)


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "programme",
        "gateway",
        "kind",
        "amount_minor",
        "outcome",
        "is_genuine",
        "received_at",
    )
    list_filter = ("gateway", "kind", "outcome", "is_genuine", "programme")
    search_fields = ("public_id", "event_id", "payment_id", "reference")
    ordering = ("-pk",)


@admin.register(ChargeRefund)
class ChargeRefundAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "gateway", "amount_minor", "state", "created_at")
    list_filter = ("state", "gateway", "programme")
    search_fields = ("public_id", "gateway_id")
    ordering = ("-pk",)


@admin.register(GatewayAccount)
class GatewayAccountAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "gateway", "is_active", "changed_at")
    list_filter = ("gateway", "is_active", "programme")
    search_fields = ("public_id",)
    ordering = ("-pk",)
    exclude = ("sealed",)

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name != "sealed"]
