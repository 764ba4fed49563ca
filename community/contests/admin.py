"""Contests in the support view."""

from __future__ import annotations

from django.contrib import admin

from community.contests.models import Contest, Entry
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Contest)
class ContestAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "title", "state", "judging", "votes_until")
    list_filter = ("state", "judging", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "title_vi", "title_en")
    ordering = ("-pk",)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "contest", "member", "state", "votes", "rank")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "contest", "member")
    search_fields = ("public_id", "member__public_id")
    ordering = ("-pk",)
