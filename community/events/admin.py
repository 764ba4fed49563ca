"""Events and tickets in the support view."""

from __future__ import annotations

from django.contrib import admin

from community.events.models import Event, Seat
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "title", "state", "starts_at", "capacity", "taken")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "title_vi", "title_en")
    ordering = ("-pk",)


@admin.register(Seat)
class SeatAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "event", "member", "state", "guests", "checked_in_at")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "event", "member")
    search_fields = ("public_id", "member__public_id")
    exclude = ("code",)
    ordering = ("-pk",)
