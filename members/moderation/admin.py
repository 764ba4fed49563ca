"""Moderation in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from members.moderation.models import Case, ModerationSettings, Photo, Report


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "kind", "subject", "why", "state", "reports")
    list_filter = ("state", "kind", "programme")
    search_fields = ("public_id", "subject")
    ordering = ("-pk",)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "kind", "subject", "reason", "reported_at")
    list_filter = ("reason", "kind", "programme")
    search_fields = ("public_id", "subject")
    ordering = ("-pk",)


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "kind", "subject", "state", "size", "sent_at")
    list_filter = ("state", "kind", "programme")
    search_fields = ("public_id", "subject")
    ordering = ("-pk",)


@admin.register(ModerationSettings)
class ModerationSettingsAdmin(ReadOnlyAdmin):
    list_display = ("programme", "links", "per_hour", "hide_after")
    ordering = ("-pk",)
