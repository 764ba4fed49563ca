"""Points in the support view: to look at, never to change."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from rewards.points.models import Adjustment, EarningRule, MultiplierRule, PointsSettings, Transfer


@admin.register(EarningRule)
class EarningRuleAdmin(ReadOnlyAdmin):
    list_display = ("name", "programme", "state", "version", "basis", "points", "published_at")
    list_filter = ("state", "programme")
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(MultiplierRule)
class MultiplierRuleAdmin(ReadOnlyAdmin):
    list_display = ("name", "programme", "state", "version", "factor_bp", "published_at")
    list_filter = ("state", "programme")
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(PointsSettings)
class PointsSettingsAdmin(ReadOnlyAdmin):
    list_display = ("programme", "asset", "pay_enabled", "transfer_enabled", "expiry_kind")
    ordering = ("programme", "asset")


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "member", "amount", "state", "asked_by", "asked_at")
    list_filter = ("state", "programme")
    search_fields = ("public_id", "member__public_id")
    ordering = ("-pk",)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "sender", "receiver", "amount", "state", "sent_at")
    list_filter = ("state", "programme")
    search_fields = ("public_id", "sender__public_id", "receiver__public_id")
    ordering = ("-pk",)
