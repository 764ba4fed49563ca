"""Partners in the support view."""

from __future__ import annotations

from django.contrib import admin

from campaigns.partners.models import (
    Desk,
    Offer,
    OfferCode,
    Partner,
    PartnerCard,
    PartnerTransaction,
    Redemption,
    SignupBonus,
    Statement,
)
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Partner)
class PartnerAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "code", "name", "is_active")
    list_filter = ("is_active", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "code", "name")
    ordering = ("-pk",)


@admin.register(Desk)
class DeskAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "partner", "name", "state", "misses", "last_used_at")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "partner")
    search_fields = ("public_id", "name")
    ordering = ("-pk",)
    exclude = ("invitation", "token", "pin")


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "partner", "gives", "state", "version")
    list_filter = ("state", "gives", "programme")
    list_select_related = ("programme", "partner")
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(SignupBonus)
class SignupBonusAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "partner", "points", "state", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "partner")
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(OfferCode)
class OfferCodeAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "partner", "family", "member", "state", "used_at")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "partner", "member")
    search_fields = ("public_id", "lookup")
    ordering = ("-pk",)


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "partner", "redeemed_by", "redeemed_at", "voided_at")
    list_filter = ("programme",)
    list_select_related = ("programme", "partner")
    search_fields = ("public_id",)
    ordering = ("-pk",)


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "partner", "month", "we_owe_minor", "they_owe_minor")
    list_filter = ("programme",)
    list_select_related = ("programme", "partner")
    search_fields = ("public_id", "reference")
    ordering = ("-pk",)


@admin.register(PartnerCard)
class PartnerCardAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "partner", "member", "is_first", "opened_on")
    list_filter = ("programme",)
    list_select_related = ("programme", "partner", "member")
    search_fields = ("public_id",)
    ordering = ("-pk",)


@admin.register(PartnerTransaction)
class PartnerTransactionAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "partner", "transaction", "amount_minor")
    list_filter = ("programme",)
    list_select_related = ("programme", "partner")
    search_fields = ("public_id", "transaction")
    ordering = ("-pk",)
