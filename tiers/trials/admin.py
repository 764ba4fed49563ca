"""Trials in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from tiers.trials.models import Sign, Taking, Trial


@admin.register(Trial)
class TrialAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "code", "what", "state", "budget", "version")
    list_filter = ("state", "what", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name", "code")
    ordering = ("-pk",)


class Signs(admin.TabularInline):  # type: ignore[type-arg]
    model = Sign
    fields = readonly_fields = ("value",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Taking)
class TakingAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "member", "trial", "state", "given_at", "stars")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "member", "trial")
    search_fields = ("public_id", "member__public_id")
    ordering = ("-pk",)
    inlines = (Signs,)
