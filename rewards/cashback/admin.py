"""Cashback in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from rewards.cashback.models import CashbackRule, SpendingRule


@admin.register(CashbackRule)
class CashbackRuleAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "rate_bp", "state", "priority", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(SpendingRule)
class SpendingRuleAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "pay_minimum_minor", "cap_bp", "state")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)
