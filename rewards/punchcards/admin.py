"""Punch cards in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from rewards.punchcards.models import PunchCard


@admin.register(PunchCard)
class PunchCardAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "state", "stamps_needed", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)
