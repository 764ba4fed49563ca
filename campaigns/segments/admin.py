"""Segments in the support view."""

from __future__ import annotations

from django.contrib import admin

from campaigns.segments.models import Segment, SegmentVersion
from loyalty.web.support import ReadOnlyAdmin


class Versions(admin.TabularInline):  # type: ignore[type-arg]
    model = SegmentVersion
    fields = readonly_fields = ("number", "since", "conditions", "made_by", "made_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "code", "name", "kind", "state", "counted_members")
    list_filter = ("kind", "state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "code", "name")
    ordering = ("-pk",)
    inlines = (Versions,)
