"""Referrals in the support view."""

from __future__ import annotations

from django.contrib import admin

from campaigns.referrals.models import Referral, ReferralCode, ReferralProgramme
from loyalty.web.support import ReadOnlyAdmin


@admin.register(ReferralProgramme)
class ReferralProgrammeAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "state", "version")
    list_filter = ("state", "programme")
    list_select_related = ("programme",)
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(ReferralCode)
class ReferralCodeAdmin(ReadOnlyAdmin):
    list_display = ("code", "programme", "member", "created_at")
    list_filter = ("programme",)
    list_select_related = ("programme", "member")
    search_fields = ("code", "member__public_id")
    exclude = ("devices",)
    ordering = ("-pk",)


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "referrer", "friend", "state", "outcome", "joined_at")
    list_filter = ("state", "outcome", "why", "programme")
    list_select_related = ("programme", "referrer", "friend")
    search_fields = ("public_id", "referrer__public_id", "friend__public_id", "purchase")
    exclude = ("device",)
    ordering = ("-pk",)
