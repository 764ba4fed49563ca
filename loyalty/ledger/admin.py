"""The ledger in the support view: everything to see, nothing to touch."""

from __future__ import annotations

from django.contrib import admin

from loyalty.ledger.models import Account, Asset, Entry, Lot, Transaction
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    list_display = ("code", "programme", "kind", "name_vi", "name_en", "value_minor", "value_units")
    list_filter = ("kind", "programme")
    ordering = ("programme", "code")


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("holder", "asset", "programme", "balance", "debt", "pending", "moved_at")
    list_filter = ("programme",)
    search_fields = ("holder__public_id", "holder__members__public_id")
    ordering = ("-pk",)


class Entries(admin.TabularInline):  # type: ignore[type-arg]
    model = Entry
    fields = readonly_fields = ("account", "amount", "pot", "reason", "balance_after", "uncovered")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "kind", "cause", "happened_at", "recorded_at")
    list_filter = ("kind", "programme")
    search_fields = ("public_id", "cause", "holder__public_id", "member__public_id")
    ordering = ("-pk",)
    inlines = (Entries,)


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ("pk", "account", "amount", "remaining", "is_pending", "opened_at", "expires_at")
    list_filter = ("is_pending", "programme")
    search_fields = ("account__holder__public_id",)
    ordering = ("-pk",)
