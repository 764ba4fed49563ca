"""Challenges in the support view."""

from __future__ import annotations

from django.contrib import admin

from campaigns.challenges.models import Badge, Mission, Streak
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Mission)
class MissionAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "state", "counts", "target", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(Streak)
class StreakAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "state", "unit", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(Badge)
class BadgeAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name_vi", "name_en", "shape")
    list_filter = ("programme",)
    list_select_related = ("programme",)
    search_fields = ("public_id", "name_vi", "name_en")
    ordering = ("-pk",)
