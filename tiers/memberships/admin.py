"""Plans and memberships in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from tiers.memberships.models import Membership, Period, Plan


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "code", "state", "price_minor", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name", "code")
    ordering = ("-pk",)


class Periods(admin.TabularInline):  # type: ignore[type-arg]
    model = Period
    fields = readonly_fields = (
        "number",
        "kind",
        "plan",
        "starts_at",
        "ends_at",
        "price_minor",
        "refunded_minor",
        "charge",
    )
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "member", "plan", "state", "source", "ends_at")
    list_filter = ("state", "source", "programme")
    list_select_related = ("programme", "member", "plan")
    search_fields = ("public_id", "member__public_id", "charge")
    ordering = ("-pk",)
    inlines = (Periods,)
