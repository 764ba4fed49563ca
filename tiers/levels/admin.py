"""Ladders and walks of the review in the support view; a member's level is their status there."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from tiers.levels.models import Ladder, ReviewWalk


@admin.register(Ladder)
class LadderAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "state", "window_kind", "version")
    list_filter = ("state", "window_kind", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(ReviewWalk)
class ReviewWalkAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "programme",
        "kind",
        "started_at",
        "finished_at",
        "total",
        "done",
        "rose",
        "fell",
        "failed",
    )
    list_filter = ("kind", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "rule")
    ordering = ("-pk",)
