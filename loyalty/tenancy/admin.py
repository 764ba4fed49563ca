"""Programmes, their people and keys in the support view."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from loyalty.tenancy.models import ApiKey, Location, Merchant, Programme, Staff, User
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Programme)
class ProgrammeAdmin(ReadOnlyAdmin):
    list_display = ("slug", "name", "currency", "country", "is_open", "created_at")
    search_fields = ("slug", "name", "public_id", "domain")
    ordering = ("slug",)


@admin.register(Merchant)
class MerchantAdmin(ReadOnlyAdmin):
    list_display = ("name", "programme", "is_active", "public_id")
    list_filter = ("programme",)


@admin.register(Location)
class LocationAdmin(ReadOnlyAdmin):
    list_display = ("name", "merchant", "programme", "is_active")
    list_filter = ("programme",)


@admin.register(Staff)
class StaffAdmin(ReadOnlyAdmin):
    list_display = ("user", "role", "programme", "merchant", "is_active", "created_at")
    list_filter = ("role", "programme")
    search_fields = ("user__email", "public_id")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "hint", "programme", "merchant", "created_at", "revoked_at")
    list_filter = ("programme",)
    search_fields = ("public_id", "hint")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.get_readonly_fields(request) if name != "digest"]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Log-ins; support may close one, and open it again."""

    list_display = ("email", "name", "is_staff", "is_active", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "name")
    fields = ("email", "name", "language", "is_staff", "is_active", "date_joined", "last_login")
    ordering = ("-pk",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.fields if name != "is_active"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)
