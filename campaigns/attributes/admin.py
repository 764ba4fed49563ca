"""Attributes in the support view."""

from __future__ import annotations

from django.contrib import admin

from campaigns.attributes.models import Attribute
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Attribute)
class AttributeAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "code", "kind", "name_vi", "revision")
    list_filter = ("kind", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "code")
    ordering = ("-pk",)
