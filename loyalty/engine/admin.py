"""Activities and their effects in the support view: what fired, by which rule, and why."""

from __future__ import annotations

from django.contrib import admin

from loyalty.engine.models import Activity, AppliedEffect, MemberStatus
from loyalty.web.support import ReadOnlyAdmin


class Effects(admin.TabularInline):  # type: ignore[type-arg]
    model = AppliedEffect
    fields = readonly_fields = ("kind", "rule_name", "asset", "amount", "undone", "reason")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "type", "key", "happened_at", "recorded_at")
    list_filter = ("type", "programme")
    search_fields = ("public_id", "key", "member__public_id")
    ordering = ("-pk",)
    inlines = (Effects,)


@admin.register(AppliedEffect)
class AppliedEffectAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "kind", "mechanic", "rule_name", "asset", "amount", "undone")
    list_filter = ("mechanic", "programme")
    search_fields = ("rule", "activity__public_id", "member__public_id")
    ordering = ("-pk",)


@admin.register(MemberStatus)
class MemberStatusAdmin(ReadOnlyAdmin):
    list_display = ("name", "value", "member", "since", "due_at", "programme", "changed_at")
    list_filter = ("name", "programme")
    list_select_related = ("member", "programme")
    search_fields = ("value", "member__public_id")
    ordering = ("-pk",)
