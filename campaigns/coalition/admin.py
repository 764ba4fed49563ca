"""The coalition in the support view: looked at, never touched."""

from __future__ import annotations

from django.contrib import admin

from campaigns.coalition.models import (
    ClearingPayment,
    ClearingRun,
    HonouredReward,
    MerchantTerms,
    PrepaidAccount,
    PrepaidBlock,
    Statement,
)
from loyalty.web.support import ReadOnlyAdmin


@admin.register(MerchantTerms)
class MerchantTermsAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "programme",
        "merchant",
        "starts_on",
        "billing",
        "issue_price_minor",
        "redeem_price_minor",
    )
    list_filter = ("billing", "programme")
    list_select_related = ("programme", "merchant")
    search_fields = ("public_id", "merchant__name")
    ordering = ("-pk",)


@admin.register(PrepaidAccount)
class PrepaidAccountAdmin(ReadOnlyAdmin):
    list_display = ("merchant", "programme", "bought", "used", "left")
    list_filter = ("programme",)
    list_select_related = ("programme", "merchant")


@admin.register(PrepaidBlock)
class PrepaidBlockAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "merchant", "points", "price_minor", "bought_on")
    list_filter = ("programme",)
    list_select_related = ("programme", "merchant")
    search_fields = ("public_id", "reference")
    ordering = ("-pk",)


@admin.register(ClearingRun)
class ClearingRunAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "month", "state", "closed_at", "closed_by")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "month")
    ordering = ("-month",)


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "run", "merchant", "state", "position_minor")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "run", "merchant")
    search_fields = ("public_id", "merchant__name")
    ordering = ("-pk",)


@admin.register(ClearingPayment)
class ClearingPaymentAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "statement", "amount_minor", "reference", "paid_on")
    list_filter = ("programme",)
    list_select_related = ("programme", "statement")
    search_fields = ("public_id", "reference")
    ordering = ("-pk",)


@admin.register(HonouredReward)
class HonouredRewardAdmin(ReadOnlyAdmin):
    list_display = ("voucher", "programme", "merchant", "seller", "units", "recorded_at")
    list_filter = ("programme",)
    list_select_related = ("programme", "merchant", "seller")
    search_fields = ("voucher", "merchant__name")
    ordering = ("-pk",)
