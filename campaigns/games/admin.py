"""Games in the support view. Seeds are shown by their commitment alone."""

from __future__ import annotations

from django.contrib import admin

from campaigns.games.models import Draw, Game, Play, Seed, Win
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Game)
class GameAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "way", "state", "version")
    list_filter = ("state", "way", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(Seed)
class SeedAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "family", "number", "commitment", "revealed_at")
    list_filter = ("programme",)
    list_select_related = ("programme",)
    search_fields = ("public_id", "family", "commitment")
    exclude = ("sealed", "shown")
    ordering = ("-pk",)


@admin.register(Play)
class PlayAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "family", "member", "number", "given", "played_at")
    list_filter = ("paid", "programme")
    list_select_related = ("programme", "member")
    search_fields = ("public_id", "family", "player")
    ordering = ("-pk",)


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "family", "entries", "list_hash", "drawn_at")
    list_filter = ("programme",)
    list_select_related = ("programme",)
    search_fields = ("public_id", "family")
    ordering = ("-pk",)


@admin.register(Win)
class WinAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "draw", "place", "turn", "prize", "state")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "draw")
    search_fields = ("public_id", "prize")
    ordering = ("-pk",)
