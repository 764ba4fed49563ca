"""Rewards and vouchers in the support view. Codes are shown by their end only: they are money."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from loyalty.web.support import ReadOnlyAdmin
from rewards.catalog.models import ExternalCode, Reward, RewardTerms, Voucher


class Editions(admin.TabularInline):  # type: ignore[type-arg]
    model = RewardTerms
    fk_name = "reward"
    fields = readonly_fields = ("edition", "name_vi", "kind", "costs", "published_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Reward)
class RewardAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "__str__", "state", "stock_left", "created_at")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "terms", "draft")
    search_fields = ("public_id", "terms__name_vi", "terms__name_en")
    ordering = ("-pk",)
    inlines = (Editions,)


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "code_end", "terms", "state", "issued_at", "used_at")
    list_filter = ("state", "programme")
    list_select_related = ("programme", "terms")
    search_fields = ("public_id", "member__public_id", "used_cause")
    ordering = ("-pk",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = [field.name for field in self.opts.fields if field.name not in ("id", "code")]
        return ["code_end", *names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @admin.display(description="code")
    def code_end(self, row: Voucher) -> str:
        return f"…{row.code[-4:]}"


@admin.register(ExternalCode)
class ExternalCodeAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "programme", "reward", "voucher", "imported_at")
    list_filter = ("programme",)
    list_select_related = ("programme", "reward__terms", "reward__draft", "voucher")
    search_fields = ("voucher__public_id", "reward__public_id")
    ordering = ("-pk",)
    fields = ("reward", "voucher", "imported_at")
