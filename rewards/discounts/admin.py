"""Discounts in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from rewards.discounts.models import DiscountRule


@admin.register(DiscountRule)
class DiscountRuleAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "discount", "state", "priority", "version")
    list_filter = ("state", "discount", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)
