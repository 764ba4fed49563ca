"""Donations in the support view."""

from __future__ import annotations

from django.contrib import admin

from campaigns.donations.models import Cause, Donation, Payout
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Cause)
class CauseAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "state", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(Donation)
class DonationAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "way", "cause", "state", "version")
    list_filter = ("state", "way", "programme")
    list_select_related = ("programme", "cause")
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "family", "kind", "amount_minor", "items", "paid_on")
    list_filter = ("kind", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "family", "reference")
    ordering = ("-pk",)
