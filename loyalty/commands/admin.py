"""The audit trail in the support view: who did what to what, when."""

from __future__ import annotations

from django.contrib import admin

from loyalty.commands.models import Command
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "name", "actor_kind", "actor_label", "subject", "programme")
    list_filter = ("actor_kind", "programme")
    search_fields = ("public_id", "subject", "actor_id", "name")
    ordering = ("-pk",)
