"""The e-mail club in the support view."""

from __future__ import annotations

from django.contrib import admin

from loyalty.web.support import ReadOnlyAdmin
from members.messaging.models import Delivery, Newsletter, Subscription


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("member", "programme", "state", "confirmed_at", "left_at", "stopped_why")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "member")
    # Addresses are personal data: support looks the member up, where the reading is recorded.
    exclude = ("address",)
    search_fields = ("member__public_id",)
    ordering = ("-pk",)


@admin.register(Newsletter)
class NewsletterAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "subject_vi", "topic", "state", "started_at")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "subject_vi")
    ordering = ("-pk",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "newsletter", "member", "state", "why", "sent_at")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "newsletter", "member")
    search_fields = ("public_id",)
    ordering = ("-pk",)
